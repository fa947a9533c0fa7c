import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** The house: each floor may import the floors below it, never one above. */
const floors = ['base', 'core', 'engine', 'jobs', 'state', 'ui'];

const TFJS = '@tensorflow/*';
const REACT = ['react', 'react-dom', 'react-dom/*', 'react/*', 'zustand', 'zustand/*'];

/** What a floor must not import: the floors above it (by relative path) and the packages that belong elsewhere. */
function floorRule(floor) {
  const above = floors.slice(floors.indexOf(floor) + 1).concat('cli', 'library', 'testing');
  const patterns = [
    {
      regex: `^(\\.\\./)+(${above.join('|')})/`,
      message: `src/${floor} may import only the floors below it (ui → state → jobs → engine → core).`,
    },
    { regex: '(^|/)workers/', message: 'Only the page creates workers, through a factory given to the client.' },
  ];
  const packages = {
    base: [TFJS, '@litertjs/*', 'comlink', ...REACT],
    core: [TFJS, '@litertjs/*', 'comlink', ...REACT],
    engine: ['comlink', ...REACT],
    jobs: [TFJS, '@litertjs/*', ...REACT],
    state: [TFJS, '@litertjs/*', 'react-dom'],
    ui: [TFJS, '@litertjs/*', 'comlink'],
  }[floor];
  patterns.push({ group: packages, message: `src/${floor} does not use this package (see ARCHITECTURE.md).` });
  if (floor !== 'ui')
    patterns.push({ group: ['node:*'], message: 'Node belongs to src/cli and to *node-host* files.' });
  return {
    files: [`src/${floor}/**/*.{ts,tsx}`],
    ignores: ['**/*.test.{ts,tsx}', '**/node-host.ts'],
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
  { ignores: ['dist', 'dist-cli', 'public', 'coverage', '**/*.generated.ts', '**/*.as.ts', '**/assembly/**'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 330, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.{ts,tsx}', 'src/testing/**'],
    rules: { 'no-restricted-syntax': ['error', namesAreData, idsAreNames] },
  },
  { files: ['scripts/**', 'src/cli/**', 'src/testing/**', 'e2e/**', 'bench/**'], rules: { 'no-console': 'off' } },
  ...floors.map(floorRule),
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
          selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|write)$/]',
          message: 'Text of files is never markup.',
        },
      ],
    },
  },
);
