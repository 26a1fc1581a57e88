/** Reads and writes webhook endpoints, each for the storefront that asks. */
import { v7 } from 'uuid';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import type { Keyring } from '../../shared/secrets/keyring.js';
import { Problem } from '../problem.js';
import { ENDPOINT_COLUMNS, type EndpointRow, endpointNotFound, newSecret } from './endpoint.js';

/** Endpoints of one storefront. Each order is told to every one of them. */
const ENDPOINTS_AT_MOST = 10;

export interface NewEndpoint {
  readonly storefrontId: string;
  readonly url: string;
  readonly description?: string | undefined;
  readonly types: readonly string[];
}

export interface Storing {
  readonly own: StorefrontRows;
  /** Secrets are stored sealed for their endpoint. */
  readonly keyring: Keyring;
}

type WithSecret = EndpointRow & { readonly secret: string };

/** @throws {Problem} `webhook-endpoint.too-many` */
export function makeEndpoint({ own, keyring }: Storing, wanted: NewEndpoint): Promise<WithSecret> {
  const { storefrontId, url, description, types } = wanted;
  const id = v7();
  const secret = newSecret();
  const sealed = keyring.seal('webhook-secret', id, secret);
  return own.of(storefrontId).transaction(async (transaction) => {
    // Two requests at once count one after the other.
    await transaction.query({
      text: 'select from storefronts where id = $1 for no key update',
      values: [storefrontId],
    });
    const { rows } = await transaction.query<EndpointRow>({
      text: `insert into webhook_endpoints (id, storefront_id, url, description, types, sealed_secret)
             select $1, $2, $3, $4, $5, $6
             where (select count(*) from webhook_endpoints where storefront_id = $2 and deleted_at is null) < $7
             returning ${ENDPOINT_COLUMNS}`,
      values: [id, storefrontId, url, description ?? null, types, sealed, ENDPOINTS_AT_MOST],
    });
    if (rows[0] === undefined)
      throw new Problem(
        'webhook-endpoint.too-many',
        `A storefront has ${ENDPOINTS_AT_MOST} at most. Delete one first.`,
      );
    return { ...rows[0], secret };
  });
}

export async function listEndpoints(own: StorefrontRows, storefrontId: string): Promise<EndpointRow[]> {
  const { rows } = await own.of(storefrontId).query<EndpointRow>({
    text: `select ${ENDPOINT_COLUMNS} from webhook_endpoints
           where storefront_id = $1 and deleted_at is null order by id`,
    values: [storefrontId],
  });
  return rows;
}

export interface EndpointChange {
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  readonly types?: readonly string[] | undefined;
  readonly disabled?: boolean | undefined;
}

/** Being enabled again forgives past failures; another URL alone does not, or an endpoint would never be ailing. @throws {Problem} `webhook-endpoint.not-found` */
export async function changeEndpoint(
  own: StorefrontRows,
  storefrontId: string,
  id: string,
  { url, description, types, disabled }: EndpointChange,
): Promise<EndpointRow> {
  const { rows } = await own.of(storefrontId).query<EndpointRow>({
    text: `update webhook_endpoints
           set url = coalesce($3, url), description = coalesce($4, description), types = coalesce($5::text[], types),
             disabled_at = case when $6::boolean is null then disabled_at when $6 then coalesce(disabled_at, now()) end,
             disabled_why = case when $6::boolean is null then disabled_why when $6 then coalesce(disabled_why, 'storefront') end,
             failing_since = case when disabled_at is not null and $6 = false then null else failing_since end,
             ailing = ailing and not coalesce(disabled_at is not null and $6 = false, false)
           where id = $1 and storefront_id = $2 and deleted_at is null returning ${ENDPOINT_COLUMNS}`,
    values: [id, storefrontId, url ?? null, description ?? null, types ?? null, disabled ?? null],
  });
  if (rows[0] === undefined) throw endpointNotFound();
  return rows[0];
}

/** A new secret; the present one signs as well for `keepForS` seconds. @throws {Problem} `webhook-endpoint.not-found` */
export async function rotateSecret(
  { own, keyring }: Storing,
  storefrontId: string,
  id: string,
  keepForS: number,
): Promise<WithSecret> {
  const secret = newSecret();
  const { rows } = await own.of(storefrontId).query<EndpointRow>({
    text: `update webhook_endpoints
           set sealed_secret = $3, sealed_previous_secret = case when $4::integer > 0 then sealed_secret end,
             previous_until = case when $4 > 0 then now() + $4 * interval '1 second' end
           where id = $1 and storefront_id = $2 and deleted_at is null returning ${ENDPOINT_COLUMNS}`,
    values: [id, storefrontId, keyring.seal('webhook-secret', id, secret), keepForS],
  });
  if (rows[0] === undefined) throw endpointNotFound();
  return { ...rows[0], secret };
}

/** Nothing goes there from now on, and its log is gone; the worker deletes the rows. @throws {Problem} `webhook-endpoint.not-found` */
export async function deleteEndpoint(own: StorefrontRows, storefrontId: string, id: string): Promise<void> {
  const { rowCount } = await own.of(storefrontId).query({
    text: `update webhook_endpoints set deleted_at = now(), sealed_secret = null, sealed_previous_secret = null, previous_until = null
           where id = $1 and storefront_id = $2 and deleted_at is null`,
    values: [id, storefrontId],
  });
  if (rowCount === 0) throw endpointNotFound();
}

/** @throws {Problem} `webhook-endpoint.not-found` */
export async function findEndpoint(own: StorefrontRows, storefrontId: string, id: string): Promise<EndpointRow> {
  const { rows } = await own.of(storefrontId).query<EndpointRow>({
    text: `select ${ENDPOINT_COLUMNS} from webhook_endpoints
           where id = $1 and storefront_id = $2 and deleted_at is null`,
    values: [id, storefrontId],
  });
  if (rows[0] === undefined) throw endpointNotFound();
  return rows[0];
}

/** @throws {Problem} `webhook-endpoint.not-found`, `webhook-endpoint.disabled` */
export async function enabledEndpoint(own: StorefrontRows, storefrontId: string, id: string): Promise<EndpointRow> {
  const endpoint = await findEndpoint(own, storefrontId, id);
  if (endpoint.disabledAt !== null)
    throw new Problem(
      'webhook-endpoint.disabled',
      'Nothing is sent there. Enable it first: PATCH with "disabled": false.',
    );
  return endpoint;
}
