/** The files of a new hub, beside its flows and definitions. */
import { basename, join } from 'node:path';
import { put } from './hub-files.ts';

export interface Made {
  name: string;
  /** What package.json asks for: `^0.1.0`, `file:…`. */
  crossdock: string;
}

export async function writeProject(dir: string, made: Made): Promise<void> {
  for (const [path, text] of Object.entries(filesFor(made))) await put(join(dir, path), text);
}

function filesFor({ name, crossdock }: Made): Record<string, string> {
  return {
    'package.json': `${JSON.stringify(packageJson(name, crossdock), null, 2)}\n`,
    '.gitignore': 'node_modules/\n.crossdock/\n.env\n',
    'README.md': readme(name, crossdock),
    '.github/workflows/check.yml': workflow,
  };
}

function packageJson(name: string, crossdock: string): object {
  return {
    name,
    version: '1.0.0',
    private: true,
    type: 'module',
    scripts: { start: 'crossdock start', test: 'crossdock test', lint: 'crossdock lint' },
    dependencies: { crossdock },
    // npm 11 runs no install script that is not named; node brings the Node.js the hub runs on.
    allowScripts: { esbuild: false, node: true },
  };
}

/** As npm allows it; not Crossdock's own, which such a package could not install. */
export function packageName(home: string): string {
  const name = basename(home)
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|[._-]+$/g, '')
    .slice(0, 200);
  return ['', 'crossdock', 'node_modules', 'favicon.ico'].includes(name) ? 'my-hub' : name;
}

const readme = (name: string, crossdock: string): string => `# ${name}

An integration hub made with Crossdock.

\`\`\`sh
npm install
cp .env.example .env   # and fill it in
npm start              # the editor is at http://127.0.0.1:1880
\`\`\`

| here                                 | what                                                            |
| ------------------------------------ | --------------------------------------------------------------- |
| \`flows/\`                             | what runs, one file a flow, its tests beside it                 |
| \`definitions/\`                       | events, schemas, mappings, value maps, partners, rules          |
| \`.env.example\`                       | what the hub must be told, never the values                     |
| \`crossdock.lock.yaml\`                | what was taken from the catalogue, and of which version         |
| \`.crossdock-base/\`                   | the files as they were taken, so that an upgrade can tell yours |

- \`npx crossdock add\` shows the catalogue, \`npx crossdock add shopify\` takes from it.
- \`npm install ${crossdock.startsWith('file:') ? '../crossdock-NEXT.tgz' : 'crossdock@latest'}\`, then \`npx crossdock upgrade\`, brings what changed there; your changes stay.
- \`npm test\` runs the flow tests, \`npm run lint\` finds what is wrong.
- The docs are in \`node_modules/crossdock/docs\`: begin with \`analysts/own-hub.md\`.
`;

const workflow = `name: check
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 24, cache: npm }
      - run: npm ci
      - run: npm run lint
      - run: npm test
`;
