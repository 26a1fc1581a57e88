/** @golevelup/nestjs-rabbitmq in an application context of Nest: its connection publishes, its subscriptions are `workers.ts`. */
import 'reflect-metadata';
import { AmqpConnection, RabbitMQModule } from '@golevelup/nestjs-rabbitmq';
import { ConsoleLogger, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Broker, Connecting, Consuming } from '../flow/broker.js';
import { exchangeOf, type Message } from '../flow/messages.js';
import type { Publish } from '../flow/outbox.js';
import { PREFETCH } from '../flow/settings.js';
import { CONSUMING, DELIVER, WORKER_CLASSES } from './workers.js';

const PUBLISH = Symbol('Publish');

export async function connect({ url, name, consuming }: Connecting): Promise<Broker> {
  @Module({
    imports: [
      RabbitMQModule.forRoot({
        uri: url,
        // A channel each, so that what is published does not wait behind what is consumed.
        channels: { publishing: { default: true }, [CONSUMING]: { prefetchCount: PREFETCH } },
        connectionManagerOptions: {
          connectionOptions: {
            // Without it Nagle and delayed acks cost 40 ms a hop.
            noDelay: true,
            keepAlive: true,
            clientProperties: { connection_name: name },
          },
        },
        defaultPublishOptions: { persistent: true, mandatory: true, contentType: 'application/json' },
      }),
    ],
    providers: [
      { provide: PUBLISH, inject: [AmqpConnection], useFactory: publishBy },
      ...(consuming ? workerProviders(consuming) : []),
    ],
  })
  class PeerModule {}

  const app = await NestFactory.createApplicationContext(PeerModule, { logger: new ConsoleLogger({ json: true }) });
  return { publish: app.get<Publish>(PUBLISH), close: () => app.close() };
}

const workerProviders = ({ worker, deliverBy }: Consuming): Provider[] => [
  WORKER_CLASSES[worker],
  { provide: DELIVER, inject: [PUBLISH], useFactory: (publish: Publish) => deliverBy(publish) },
];

function publishBy(amqp: AmqpConnection): Publish {
  const returned = new Set<string>();
  void amqp.managedChannel.addSetup((channel: ReturningChannel) => {
    channel.on('return', ({ properties }) => returned.add(String(properties.messageId)));
    return Promise.resolve();
  });
  return async ({ id, name, causationId, payload }: Message) => {
    await amqp.publish(exchangeOf(name), name, payload, {
      messageId: id,
      correlationId: payload.orderId,
      type: name,
      timestamp: Date.now(),
      headers: { causationId },
    });
    // What no queue takes is returned first, and then confirmed.
    if (returned.delete(id)) throw new Error(`no queue takes ${name}`);
  };
}

/** What is listened to of a channel. */
interface ReturningChannel {
  on(event: 'return', listener: (message: { readonly properties: { readonly messageId?: unknown } }) => void): unknown;
}
