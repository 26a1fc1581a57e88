/** What the API answers with, as it arrives: the types of the server, after JSON. */

import type { StoredAuditResult } from '../../../shared/postgres/audit-results.js';
import type { FiledLetter, LetterGroup, WholeLetter } from '../../../shared/postgres/dead-letter-list.js';
import type { RedriveJob } from '../../../shared/postgres/redrive-jobs.js';
import type { RecordedAction } from '../../operators/actions.js';
import type { ExplanationAnswer } from '../../operators/explanation/explanation-route.js';
import type { InstanceView } from '../../operators/instances/instances-route.js';
import type { OrderMessage } from '../../operators/orders/order-messages.js';
import type { ListedOrder as ServerListedOrder } from '../../operators/orders/order-routes.js';
import type { ReplayView } from '../../operators/replays/replay-view.js';
import type { LiveStatus } from '../../operators/status/status-route.js';

/** A value after JSON: times are texts. */
type Json<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? readonly Json<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Json<T[K]> }
      : T;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

export type Live = Json<LiveStatus>;
export type ActorStatus = Live['actors'][number];
export type AuditResult = Json<StoredAuditResult>;
export type Instance = Json<InstanceView>;
export type Action = Json<RecordedAction>;
export type ListedOrder = Json<ServerListedOrder>;
export type Group = Json<LetterGroup>;
export type Letter = Json<FiledLetter>;
export type LetterWhole = Json<WholeLetter>;
export type Job = Json<RedriveJob>;
export type Replay = Json<ReplayView>;
export type Explanation = Json<ExplanationAnswer>;
export type { CancelReason, OrderEnd, OrderStatus } from '../../../workers/orders/messages.js';
export type { OrderView } from '../../orders/order-view.js';
export type { StockItem } from '../../stock/stock-item.js';
export type { SessionView } from '../session-routes.js';
export type { OrderMessage };
