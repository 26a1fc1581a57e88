/** The most that an intake on Fastify can take: a route that reads an order and answers. HOST and PORT say where. */
import Fastify from 'fastify';

const app = Fastify();
app.get('/readyz', async () => ({ status: 'ok' }));
app.post('/orders', async (_, reply) => reply.code(202).send({ status: 'INITIATED' }));
process.once('SIGTERM', () => void app.close());
await app.listen({ host: process.env['HOST'] ?? '127.0.0.1', port: Number(process.env['PORT']) });
