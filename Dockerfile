# One image for every process: `docker run IMAGE` is web, and what stands behind a name in the Procfile is another. It runs as a
# user who can write nowhere, and holds neither compilers nor tests nor the sandbox.

ARG NODE=22

FROM node:${NODE}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN npm run build
RUN rm -rf dist/test dist/types dist/sandbox && find dist -name '*.test.js*' -delete
RUN npm prune --omit=dev --no-audit --no-fund

FROM node:${NODE}-bookworm-slim
ENV NODE_ENV=production LOG_FORMAT=json HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/api/console/browser ./api/console/browser
USER node
EXPOSE 8080
# Workers answer the same on HEALTH_PORT, where that is set.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT ?? process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/api/start.js"]
