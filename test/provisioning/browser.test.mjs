import { join } from 'node:path';
import { expect } from 'chai';
import { provideBrowser } from '../../scripts/provision/browser.mjs';
import { fakeCommands } from './fake-commands.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

describe('the browser of the tests', () => {
  const folder = temporaryFolder();
  const commands = fakeCommands(folder.path);
  const provided = () => provideBrowser({ folders: [join(folder.path(), 'bin')] }).catch((error) => error);

  it('is one that runs: what only has its name is passed over', async () => {
    commands.install({
      chromium: 'echo "install the snap" >&2; exit 1',
      'google-chrome': 'echo "Google Chrome 140.0.1"',
    });
    expect(await provided()).to.equal(commands.at('google-chrome'));
  });

  it('is asked for by name where there is none and nothing can be installed', async () => {
    commands.install({});
    const failure = await provided();
    expect(failure.message).to.include('there is no Chromium');
    expect(failure.remedy).to.include('install one of chromium,');
  });
});
