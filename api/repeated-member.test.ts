import { expect } from 'chai';
import fc from 'fast-check';
import { repeatedMember } from './repeated-member.js';

describe('a repeated member', () => {
  const where: readonly (readonly [what: string, json: string, pointer: string])[] = [
    ['of the body itself', '{"a":1,"b":2,"a":3}', '/a'],
    ['of an object in it', '{"customer":{"name":"Ada","name":"Eve"}}', '/customer/name'],
    ['of an object in a list', '{"lines":[{"sku":"CUP"},{"sku":"JUG","sku":"HAT"}]}', '/lines/1/sku'],
    ['of an object in a list in a list', '[0,[1,{"a":{},"a":[]}]]', '/1/1/a'],
    ['after an object and a list that are closed', '{"a":{"b":[{}]},"c":[[],[1,2]],"a":1}', '/a'],
    ['whose value is an object', '{"a":{"x":1},"a":{"x":1}}', '/a'],
    ['that is escaped the second time', '{"a":1,"\\u0061":2}', '/a'],
    ['that is escaped the first time', '{"\\u0061":1,"a":2}', '/a'],
    ['with a quote in its name', '{"a\\"":1,"a\\"":2}', '/a"'],
    ['with a backslash at the end of its name', '{"a\\\\":1,"b":2,"a\\\\":2}', '/a\\'],
    ['with characters that mean something in a pointer', '{"a/b~c":1,"a/b~c":2}', '/a~1b~0c'],
    ['with an empty name', '{"":1 , "" : 2}', '/'],
    ['named like what every object inherits', '{"toString":1,"toString":2}', '/toString'],
    ['between blanks and line breaks', '{ "a" : 1 ,\n\t"a" : 2 }', '/a'],
  ];
  for (const [what, json, pointer] of where) {
    it(`${what} is found at ${JSON.stringify(pointer)}`, () => {
      expect(repeatedMember(json)).to.equal(pointer);
    });
  }

  const none: readonly (readonly [what: string, json: string])[] = [
    ['objects of a list have members of the same names', '[{"a":1},{"a":2}]'],
    ['an object has a member of the name of one around it', '{"a":{"a":{"a":1}},"b":{"a":1}}'],
    ['names differ by case or by an escape', '{"a":1,"A":2,"\\u0062":3,"\\\\u0061":4}'],
    ['a value looks like members', '{"a":"\\"b\\":1,\\"b\\":2,{}[]","b":"a:\\\\","c":"}"}'],
    ['a value is the name of a member', '{"a":"b","b":"a","c":["a","a"]}'],
    ['there is no object', '[1,"a",[],"a",null]'],
    ['the body is a text', '"a:\\"a"'],
    ['objects are empty', '{"a":{},"b":[{},{}]}'],
  ];
  for (const [what, json] of none) {
    it(`is not seen where ${what}`, () => {
      expect(() => JSON.parse(json)).not.to.throw();
      expect(repeatedMember(json)).to.equal(undefined);
    });
  }

  it('is found if and only if two names are the same, whatever names and values are', () => {
    const members = fc.array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('a', '"', '\\')), fc.json()));
    fc.assert(
      fc.property(members, (entries) => {
        const json = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`;
        const repeats = new Set(entries.map(([name]) => name)).size < entries.length;
        expect(repeatedMember(json) !== undefined).to.equal(repeats);
      }),
    );
  });

  it('is found in a body of the greatest size, however it is nested or escaped', () => {
    const deep = 100_000;
    expect(repeatedMember(`${'['.repeat(deep)}{"a":1,"a":2}${']'.repeat(deep)}`)).to.match(/^(?:\/0)+\/a$/);
    expect(repeatedMember(`{"a":"${'\\\\'.repeat(250_000)}","a":1}`)).to.equal('/a');
    expect(repeatedMember(`{"a":"${'\\"'.repeat(250_000)}","a":1}`)).to.equal('/a');
    const wide = Array.from({ length: 40_000 }, (_, index) => `"m${index}":1`).join();
    expect(repeatedMember(`{${wide},"m0":1}`)).to.equal('/m0');
  });
});
