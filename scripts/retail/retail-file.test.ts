import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { articlesOf } from './articles.js';
import { readRetailFile } from './retail-file.js';

const HEADING = 'InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID,Country\r\n';
const DATA_SET = '../shared/data/online-retail.csv';

describe('a file of the data set', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warren-retail-'));
  });
  after(() => rm(folder, { recursive: true }));

  const written = async (content: string | Buffer): Promise<string> => {
    const path = join(folder, 'orders.csv');
    await writeFile(path, content);
    return path;
  };
  const faultOf = async (path: string): Promise<string> =>
    readRetailFile(path).then(
      () => 'it was read',
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it('is read with lines in UTF-8 beside lines in latin-1', async () => {
    const path = await written(
      Buffer.concat([
        Buffer.from(`${HEADING}1,A,Voucher £40,1,34.04,,Österreich\r\n`, 'utf8'),
        Buffer.from('1,B,Voucher £50,1,42.55,,Österreich\r\n', 'latin1'),
        Buffer.from('1,C,"Kerze, blau",1,1,,Österreich', 'latin1'),
      ]),
    );
    const [invoice] = (await readRetailFile(path)).invoices;
    expect(invoice?.lines.map(({ description }) => description)).to.deep.equal([
      'Voucher £40',
      'Voucher £50',
      'Kerze, blau',
    ]);
    expect(invoice?.country).to.equal('Österreich');
  });

  it('is read by the names of its columns, whatever else it has', async () => {
    const path = await written(
      '\ufeffCountry,InvoiceDate,InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID\nFrance,12/1/2010,7,A,Mug,2,1.25,42\n',
    );
    expect((await readRetailFile(path)).invoices).to.deep.equal([
      {
        number: '7',
        customer: '42',
        country: 'France',
        lines: [{ sku: 'A', description: 'Mug', quantity: 2, price: 125 }],
      },
    ]);
  });

  it('tells how many lines were skipped and why, and which could not be read', async () => {
    const path = await written(`${HEADING}1,A,Mug,1,1,,France\n1,A,Mug\n2,B,?,-3,0,,France\nC3,A,Mug,-1,1,,France\n`);
    const { invoices, lineCount, skippedLines, unreadable, invoicesWithoutOrder } = await readRetailFile(path);
    expect(invoices.map(({ number }) => number)).to.deep.equal(['1']);
    expect(lineCount).to.equal(4);
    expect(Object.fromEntries(skippedLines)).to.deep.equal({ unreadable: 1, 'no price': 1, cancellation: 1 });
    expect(unreadable).to.deep.equal([3]);
    expect(invoicesWithoutOrder).to.equal(2);
  });

  it('is refused with what is wrong and what is expected', async () => {
    expect(await faultOf(join(folder, 'none.csv'))).to.match(/^RetailFileFault: There is no file .*none\.csv/);
    expect(await faultOf(folder)).to.match(/is a folder; give the path of a CSV file/);
    expect(await faultOf(await written(''))).to.match(/is empty; expected are the columns InvoiceNo, StockCode/);
    expect(await faultOf(await written('Invoice;StockCode\n1;A\n'))).to.match(
      /has no column InvoiceNo, .* separated by commas, and is: Invoice;StockCode/,
    );
    expect(await faultOf(await written(`${HEADING}1,A,"never closed,1,1,,France\n${'x\n'.repeat(40_000)}`))).to.match(
      /is not CSV/,
    );
  });

  // The file is no part of the project.
  if (existsSync(DATA_SET)) {
    it('is, as it was published, 1,798 orders of 2,840 SKUs', async () => {
      const { invoices, lineCount, skippedLines, invoicesWithoutOrder } = await readRetailFile(DATA_SET);
      expect(invoices.length).to.equal(1798);
      expect(invoicesWithoutOrder).to.equal(2342 - 1798);
      expect(lineCount).to.equal(50_062);
      expect(Object.fromEntries(skippedLines)).to.deep.equal({ cancellation: 923, 'no price': 297 });
      expect(Math.max(...invoices.map(({ lines }) => lines.length))).to.equal(675);
      const articles = articlesOf(invoices);
      expect(articles.length).to.equal(2840);
      expect(articles.find(({ sku }) => sku === 'gift_0001_40')?.name).to.equal('Dotcomgiftshop Gift Voucher £40.00');
    });
  } else {
    process.stdout.write(`${DATA_SET} is not here: its reading is not tested\n`);
  }
});
