import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** The house: each floor may import the floors below it, never one above. */
const floors = ['base', 'core', 'engine', 'jobs', 'state', 'ui'];

const TFJS = '@tensorflow/*';
const REACT = ['react', 'react-dom', 'react-dom/*', 'react/*', 'zustand', 'zustand/*'];

/** Rooms of src/jobs that only a worker enters; and those that the page may, contract and reports being for both. */
const WORKER_ROOMS = ['host', 'pool', 'session', 'open', 'ptq', 'diagnose', 'search', 'qat', 'export'];
const PAGE_ROOMS = ['client', 'contract', 'reports'];

/** The page and the worker know of each other what the contract says. */
const NOT_ON_PAGE = {
  regex: `/jobs/(${WORKER_ROOMS.join('|')})/|/engine/`,
  message: 'This runs in a worker; the page knows jobs/contract, jobs/client and jobs/reports.',
};
/** The same from within src/jobs. */
const NOT_IN_PAGE_ROOMS = { ...NOT_ON_PAGE, regex: `^\\.\\./(${WORKER_ROOMS.join('|')})/|/engine/` };
const NOT_IN_WORKER = {
  regex: '(^|/)client/',
  message: 'jobs/client is the page; the worker knows jobs/contract.',
};

/** What a floor must not import: the floors above it (by relative path) and the packages that belong elsewhere. */
function floorRule(floor, { files = [`src/${floor}/**/*.{ts,tsx}`], realm = [] } = {}) {
  const above = floors.slice(floors.indexOf(floor) + 1).concat('cli', 'library', 'testing');
  const patterns = [
    ...realm,
    {
      regex: `^(\\.\\./)+(${above.join('|')})/`,
      message: `src/${floor} may import only the floors below it (ui → state → jobs → engine → core).`,
    },
    { regex: '^zod$', message: 'Import z from src/base/zod: it is set up so that it never asks for eval.' },
    { regex: '(^|/)workers/', message: 'Only the page creates workers, through a factory given to the client.' },
  ];
  const packages = {
    base: [TFJS, '@litertjs/*', 'onnxruntime-web', 'onnxruntime-web/*', 'comlink', ...REACT],
    core: [TFJS, '@litertjs/*', 'onnxruntime-web', 'onnxruntime-web/*', 'comlink', ...REACT],
    engine: ['comlink', ...REACT],
    jobs: [TFJS, '@litertjs/*', 'onnxruntime-web', 'onnxruntime-web/*', ...REACT],
    state: [TFJS, '@litertjs/*', 'onnxruntime-web', 'onnxruntime-web/*', 'react-dom'],
    ui: [TFJS, '@litertjs/*', 'onnxruntime-web', 'onnxruntime-web/*', 'comlink'],
  }[floor];
  patterns.push({ group: packages, message: `src/${floor} does not use this package (see ARCHITECTURE.md).` });
  if (floor !== 'ui')
    patterns.push({ group: ['node:*'], message: 'Node belongs to src/cli and to *node-host* files.' });
  return {
    files,
    ignores: ['**/*.test.{ts,tsx}', '**/node-host.ts', 'src/base/zod.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  };
}

const DOM_GLOBALS = [
  'window',
  'document',
  'navigator',
  'localStorage',
  'self',
  'postMessage',
  'importScripts',
  'fetch',
];

/** Fields of plain data that are keyed by names of ops and tensors, which files choose. */
const KEYED_BY_NAME = 'activations|weights|biases|tensors|layers|splits|precisions';

const namesAreData = {
  selector:
    `MemberExpression[computed=true][object.type='MemberExpression'][object.property.name=/^(${KEYED_BY_NAME})$/]` +
    `[property.type=/^(MemberExpression|ChainExpression|TSNonNullExpression|CallExpression)$/]`,
  message: 'Files may call a tensor "constructor" or "__proto__": use lookup and put of src/base/lookup.ts.',
};
const idsAreNames = {
  ...namesAreData,
  selector:
    `MemberExpression[computed=true][object.type='MemberExpression'][object.property.name=/^(${KEYED_BY_NAME})$/]` +
    `[property.name=/^(id|tensor|op|layer|output|source|weight|weightId|name)$/]`,
};

export default tseslint.config(
  {
    ignores: ['.cache', 'dist', 'dist-cli', 'public', 'coverage', '**/*.generated.ts', '**/*.as.ts', '**/assembly/**'],
  },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'import-x': importX },
    settings: {
      ...importX.flatConfigs.typescript.settings,
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.page.json' })],
    },
    rules: { 'import-x/no-cycle': ['error', { ignoreExternal: true }] },
  },
  {
    // One program for all realms: rules that need types do not ask which globals there are.
    files: ['src/**/*.{ts,tsx}'],
    extends: tseslint.configs.recommendedTypeCheckedOnly,
    languageOptions: { parserOptions: { project: 'tsconfig.lint.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // The functions of TensorFlow.js take their rank from an assertion.
      '@typescript-eslint/no-unnecessary-type-assertion': [
        'error',
        { typesToIgnore: ['Tensor1D', 'Tensor2D', 'Tensor4D'] },
      ],
      // Shapes are written into sentences as they are: [1,8,8,3].
      '@typescript-eslint/restrict-template-expressions': ['error', { allowArray: true, allowNumber: true }],
      // Tables of rules are objects of functions that know no `this`; an interface may promise what one row has at once.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // What a test reads from JSON it compares value by value.
    files: ['src/**/*.test.{ts,tsx}', 'src/testing/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
    },
  },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 330, skipBlankLines: true, skipComments: true }],
    },
  },
  // A test is a table of cases: a limit on its length would split what belongs together.
  { files: ['**/*.test.{ts,tsx}'], rules: { 'max-lines': 'off' } },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.{ts,tsx}', 'src/testing/**'],
    rules: { 'no-restricted-syntax': ['error', namesAreData, idsAreNames] },
  },
  { files: ['scripts/**', 'src/cli/**', 'src/testing/**', 'e2e/**', 'bench/**'], rules: { 'no-console': 'off' } },
  ...floors.filter((floor) => !['jobs', 'state', 'ui'].includes(floor)).map((floor) => floorRule(floor)),
  floorRule('ui', { realm: [NOT_ON_PAGE] }),
  floorRule('state', { realm: [NOT_ON_PAGE] }),
  floorRule('jobs', { files: PAGE_ROOMS.map((room) => `src/jobs/${room}/**/*.ts`), realm: [NOT_IN_PAGE_ROOMS] }),
  floorRule('jobs', { files: WORKER_ROOMS.map((room) => `src/jobs/${room}/**/*.ts`), realm: [NOT_IN_WORKER] }),
  {
    files: ['src/{base,core}/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-globals': ['error', ...DOM_GLOBALS] },
  },
  {
    files: ['src/ui/**/*.{ts,tsx}', 'src/main.tsx'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // Names of ops and tensors come from files of others: they are text, never markup.
      'no-restricted-syntax': [
        'error',
        namesAreData,
        idsAreNames,
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Text of files is never markup.' },
        {
          selector: "JSXOpeningElement[name.name=/^[a-z]/] > JSXAttribute[name.name='title']",
          message: 'Neither a finger nor the keyboard reaches a title: explain with <Tip> or <Hint>.',
        },
        {
          selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|write)$/]',
          message: 'Text of files is never markup.',
        },
      ],
    },
  },
);
