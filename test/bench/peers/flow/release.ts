/** Before the first process starts: tables, exchanges, queues, and a storefront whose key is STOREFRONT_KEY. */
import { readFile } from 'node:fs/promises';
import { connect } from 'amqplib';
import pg from 'pg';
import { v7 } from 'uuid';
import { readSettings } from './settings.js';
import { hashOf } from './storefronts.js';
import { declare } from './topology.js';

const SCHEMA = new URL('../../schema.sql', import.meta.url);

const { databaseUrl, rabbitmqUrl } = readSettings();
const database = new pg.Client(databaseUrl);
await database.connect();
await database.query(await readFile(SCHEMA, 'utf8'));
const key = process.env['STOREFRONT_KEY'];
if (!key) throw new Error('STOREFRONT_KEY is not set');
await database.query('insert into storefronts (id, key_hash) values ($1, $2)', [v7(), hashOf(key)]);
await database.end();

const connection = await connect(rabbitmqUrl);
await declare(await connection.createChannel());
await connection.close();
