/** A storefront in miniature, in development: places orders that are paid in the sandbox's ways, so that the fleet is seen at work. */
import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ListedOrder, Page, StockItem } from './answers.js';
import { askAsStorefront } from './ask.js';
import { linkTo, queryOf } from './place.js';
import { Screen } from './screen.js';
import { Status } from './status.js';
import { Table } from './table.js';
import { useAnswer } from './use-answer.js';
import { money, plural, shortId } from './words.js';

/** Known to everyone, and accepted in development only. */
const KEY = 'dev-storefront-key';
/** By which they are known from others. */
const EMAIL = 'test-order@example.com';

/** What the sandbox's provider does with each. */
const TOKENS: Readonly<Record<string, string>> = {
  tok_ok: 'is paid',
  tok_declined: 'is declined: the order is cancelled',
  tok_slow: 'is paid after two seconds',
  tok_hang: 'never answers: payment tries again and again',
  tok_error_after_charge: 'is charged, and answered with an error: charged once all the same',
};

export function Storefront() {
  const [articles, setArticles] = useState<readonly StockItem[]>([]);
  const [placed, setPlaced] = useState(0);
  const { value: orders, again } = useAnswer<Page<ListedOrder>>(
    `/operator/orders${queryOf({ limit: '20', email: EMAIL })}`,
  );
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    askAsStorefront<Page<StockItem>>('GET', '/stock?limit=100', KEY).then(
      ({ items }) => setArticles(items),
      (error: Error) => setFault(error.message),
    );
  }, []);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setFault(undefined);
    setPlaced(0);
    try {
      for (let order = 0; order < Number(form.get('orders')); order++) {
        await askAsStorefront('POST', '/orders', KEY, orderOf(form));
        setPlaced((before) => before + 1);
      }
      again();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Screen title="Test orders" error={fault}>
      <form class="line" onSubmit={submit}>
        <label class="wide">
          Article
          <select name="sku">
            {articles.map(({ sku, name, price, onHand, reserved }) => (
              <option key={sku} value={sku}>
                {name}, {money(price)}, {onHand - reserved} in stock
              </option>
            ))}
          </select>
        </label>
        <label>
          Pieces
          <input name="quantity" type="number" min={1} max={1_000_000} defaultValue={1} required />
        </label>
        <label class="wide">
          The card
          <select name="token">
            {Object.entries(TOKENS).map(([token, effect]) => (
              <option key={token} value={token}>
                {token} {effect}
              </option>
            ))}
          </select>
        </label>
        <label>
          Orders
          <input name="orders" type="number" min={1} max={200} defaultValue={1} required />
        </label>
        <button type="submit" class="primary" disabled={articles.length === 0}>
          Place
        </button>
      </form>
      <p role="status">
        {placed === 0
          ? 'More pieces than are in stock make an order that is cancelled.'
          : `${plural(placed, 'order')} placed.`}
      </p>
      <Table
        caption="The newest test orders"
        items={orders?.items ?? []}
        keyOf={({ id }) => id}
        empty="None is placed yet."
        columns={[
          { title: 'Order', cell: ({ id }) => <a href={linkTo(['orders', id])}>{shortId(id)}</a> },
          { title: 'Status', cell: (order) => <Status status={order.status} /> },
          { title: 'Why cancelled', cell: ({ cancelReason }) => cancelReason ?? '' },
          { title: 'Total', figure: true, cell: ({ total }) => money(total) },
        ]}
      />
    </Screen>
  );
}

const orderOf = (form: FormData) => ({
  customer: { name: 'Ada Lovelace', email: EMAIL },
  shippingAddress: { line1: '1 Main St', city: 'Hue', postalCode: '49000', country: 'VN' },
  lines: [{ sku: form.get('sku'), quantity: Number(form.get('quantity')) }],
  paymentToken: form.get('token'),
});
