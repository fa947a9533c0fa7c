/** A lesson played through the page alone, as a student would who answers everything wrong first. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { lookup } from '../src/base/lookup';
import { readLesson } from '../src/core/lessons/read-lesson';
import { lessonIndexSchema, type Lesson, type LessonInput, type Step } from '../src/core/lessons/schema';
import { openSide, panel } from './studio';

const FOLDER = resolve(import.meta.dirname, '../public/lessons');
const text = (name: string) => readFileSync(resolve(FOLDER, `${name}.json`), 'utf8');

export const LESSONS = lessonIndexSchema.parse(JSON.parse(text('index')));
export const lessonOf = (id: string): Lesson => readLesson(text(id));

type Deed = (page: Page) => Promise<void>;

interface Deeds {
  /** What the check must not pass. */
  readonly wrong?: Deed;
  readonly right: Deed;
}

const card = (page: Page) => page.locator('.lesson-card');
const button = (page: Page, name: string | RegExp) => card(page).getByRole('button', { name, exact: true });

/** Its unit is part of its name. */
const numberField = (page: Page, label: string) =>
  card(page)
    .locator('.lesson-number')
    .filter({ has: page.getByText(label, { exact: true }) })
    .getByRole('spinbutton');

const fill =
  (answers: Readonly<Record<string, string | number>>): Deed =>
  async (page) => {
    for (const [label, value] of Object.entries(answers)) {
      if (typeof value === 'number') await numberField(page, label).fill(String(value));
      else await card(page).getByRole('group', { name: label }).getByLabel(value, { exact: true }).check();
    }
  };
const both =
  (...deeds: readonly Deed[]): Deed =>
  async (page) => {
    for (const deed of deeds) await deed(page);
  };
const setting =
  (name: string, value: string): Deed =>
  async (page) => {
    await (await openSide(page, 'Settings')).getByRole('combobox', { name, exact: true }).selectOption(value);
  };
const weightsPer =
  (what: 'Tensor' | 'Channel'): Deed =>
  async (page) =>
    (await openSide(page, 'Settings')).getByRole('radio', { name: what }).click();
const view = (page: Page, name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
const algorithm =
  (name: string): Deed =>
  async (page) => {
    await view(page, 'Improve');
    await panel(page, 'Improve').getByRole('switch', { name }).click();
  };
const select = (page: Page, layer: string) => page.locator('tr[data-layer]').filter({ hasText: layer }).first().click();

/** The end of a layer's range, as a number in its field. */
const rangeTo =
  (layer: string, distribution: string, top: (page: Page) => Promise<number>): Deed =>
  async (page) => {
    await select(page, layer);
    await view(page, 'Layer');
    const field = panel(page, distribution).getByRole('textbox', { name: 'to', exact: true });
    await field.fill(String(await top(page)));
    await field.press('Enter');
  };

const LAYER = 'Error is made in';
const CAUSE = 'Cause';
const OUTLIER = 'One channel takes the scale of the others';

/** What is done for each act, by lesson and step. */
const DEEDS: Readonly<Record<string, Deeds>> = {
  'ranges drag': {
    wrong: rangeTo('conv', 'Weights', async () => 0.1),
    // The handle, with the arrow keys, until the check is content.
    right: async (page) => {
      await panel(page, 'Weights').getByRole('button', { name: 'Reset' }).click();
      const handle = page.getByRole('slider', { name: 'Weights, upper clip' });
      while ((await card(page).locator('[data-outcome="passed"]').count()) === 0) await handle.press('ArrowLeft');
    },
  },
  'estimator switch': { right: setting('Activations', 'mse') },
  'zero symmetric': {
    wrong: fill({ 'Codes never used': 127 }),
    right: both(setting('Activation codes', 'symmetric'), fill({ 'Codes never used': 128 })),
  },
  'channels tensor': { right: weightsPer('Tensor') },
  'channels channel': { right: weightsPer('Channel') },
  'arithmetic sum': {
    wrong: fill({ 'Code of the bias': 2500, Accumulator: 16_780 }),
    right: fill({ 'Code of the bias': 2500, Accumulator: 19_280 }),
  },
  'arithmetic requantize': {
    wrong: fill({ Multiplier: 0.004, 'Code of the output': 77 }),
    right: fill({ Multiplier: 0.004, 'Code of the output': -51 }),
  },
  'folding name': { wrong: fill({ Layer: 'dense' }), right: fill({ Layer: 'block3_depthwise' }) },
  'equalize hand': { wrong: fill({ s: 4, 'Range of both': 2 }), right: fill({ s: 2, 'Range of both': 2 }) },
  'equalize cle': { right: algorithm('Cross-layer equalization') },
  'adaround hand': {
    wrong: fill({ 'Error with nearest': 0.8, 'Error with one up': 0.6 }),
    right: fill({ 'Error with nearest': 0.8, 'Error with one up': 0.2 }),
  },
  'adaround learn': { right: algorithm('AdaRound') },
  'qat train': { right: (page) => panel(page, 'Train').getByRole('button', { name: 'Train', exact: true }).click() },
  'budget search': {
    wrong: setting('Weights as', 'int4'),
    right: async (page) => {
      await setting('Weights as', 'int8')(page);
      await select(page, 'block4_pointwise');
      await view(page, 'Layer');
      await panel(page, 'Weights').getByRole('combobox', { name: 'as', exact: true }).selectOption('int4');
    },
  },
  'fp8 switch': {
    wrong: fill({ 'Who gained?': 'gaussian' }),
    right: both(setting('Weights as', 'fp8-e4m3fn'), fill({ 'Who gained?': 'heavy' })),
  },
  'fp8 cost': {
    wrong: fill({ 'Times the gates of INT8': 1.53 }),
    right: both(
      (page) => page.getByRole('radio', { name: 'FP32', exact: true }).click(),
      fill({ 'Times the gates of INT8': 2.83 }),
    ),
  },
  'codebook place': {
    wrong: (page) => button(page, 'Until it settles').click(),
    right: async (page) => {
      await card(page).getByText('Move single centroids').click();
      await card(page).getByRole('slider', { name: 'Centroid 1', exact: true }).fill('0');
      await button(page, 'Until it settles').click();
    },
  },
  'codebook pack': {
    wrong: fill({ 'First byte': 0x2d, 'Second byte': 0x78 }),
    right: fill({ 'First byte': 0xd2, 'Second byte': 0x87 }),
  },
  'mystery-a repair': {
    wrong: fill({ [LAYER]: 'block3_pointwise', [CAUSE]: OUTLIER }),
    right: both(algorithm('Cross-layer equalization'), fill({ [LAYER]: 'block2_pointwise' })),
  },
  'mystery-b repair': {
    wrong: fill({ [LAYER]: 'block3_pointwise', [CAUSE]: OUTLIER }),
    right: both(
      rangeTo('block3_pointwise', 'Output activations', async () => 15),
      fill({ [CAUSE]: 'A dead channel with a huge bias' }),
    ),
  },
  'mystery-c repair': {
    wrong: fill({ [LAYER]: 'join', [CAUSE]: 'An activation is clipped' }),
    right: both(algorithm('Concat range equalization'), fill({ [CAUSE]: 'Unequal tensors are concatenated' })),
  },
  'mystery-d repair': {
    wrong: fill({ [LAYER]: 'block2_pointwise', [CAUSE]: 'The data is not normalised' }),
    right: both(
      async (page) => {
        const side = await openSide(page, 'Data');
        await side.getByRole('combobox', { name: 'Add a step' }).selectOption('scale');
      },
      fill({ [LAYER]: 'The input, before any layer' }),
    ),
  },
  'mystery-e repair': {
    wrong: fill({ [LAYER]: 'block2_pointwise', [CAUSE]: OUTLIER }),
    right: both(
      async (page) => (await openSide(page, 'Settings')).getByRole('button', { name: 'Clear 1 exception' }).click(),
      fill({ [CAUSE]: 'An activation is clipped' }),
    ),
  },
  'devices verify': { wrong: fill({ 'Values that differ': 7 }), right: fill({ 'Values that differ': 0 }) },
  'devices target': {
    wrong: fill({ 'The layer that is refused': 'dense, the fully connected layer' }),
    right: weightsPer('Tensor'),
  },
  'devices rounding': { wrong: fill({ 'Single rounding': 1 }), right: fill({ 'Single rounding': 0 }) },
};

/** From the gallery, whatever was open before. */
export async function chooseLesson(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: 'Lessons', exact: true }).click();
  await page.getByRole('dialog', { name: 'Lessons' }).getByRole('button', { name: title }).click();
  await page.getByRole('complementary', { name: `Lesson: ${title}` }).waitFor();
}

interface Played {
  /** What is handed in. */
  readonly code: string;
  /** What the steps of figures showed, as text. */
  readonly figures: readonly string[];
}

/** From the first step, which is shown, to the code that is handed in. */
export async function playLesson(page: Page, lesson: Lesson): Promise<Played> {
  const figures: string[] = [];
  for (const step of lesson.steps) {
    await card(page).getByRole('heading', { name: step.title, level: 3 }).waitFor();
    if (step.kind === 'predict') await predict(page, step);
    if (step.kind === 'act') await act(page, lesson.id, step);
    if (step.kind === 'observe') figures.push(...(await observe(page)));
    if (step.kind === 'reflect') await reflect(page, step);
    await button(page, step === lesson.steps.at(-1) ? 'Finish' : 'Next').click();
  }
  const code = await card(page).getByRole('region', { name: 'Hand in' }).locator('b').innerText();
  return { code, figures };
}

/** Something that is not the truth; of numbers, the end that is further off. */
async function answerWrongly(page: Page, input: LessonInput, right: string | undefined): Promise<void> {
  if (input.type === 'choice') {
    const { label } = input.options.find(({ id }) => id !== right)!;
    return card(page).getByLabel(label, { exact: true }).check();
  }
  if (input.type === 'mark') return card(page).getByRole('slider').fill('0');
  const { min = 0, max = 1000 } = input;
  await numberField(page, input.label).fill(String(Number(right) < (min + max) / 2 ? max : min));
}

async function predict(page: Page, step: Extract<Step, { kind: 'predict' }>): Promise<void> {
  const locked = page.locator('.tab-lock, [data-lesson-lock]');
  if (step.locks.length > 0) await locked.first().waitFor();
  expect(await button(page, 'Next').isEnabled()).toBe(false);
  const literal = /^"(.*)"$/.exec(step.truth)?.[1];
  await answerWrongly(page, step.input, literal);
  await button(page, 'Predict').click();
  expect(await locked.count()).toBe(0);
}

async function act(page: Page, lesson: string, step: Extract<Step, { kind: 'act' }>): Promise<void> {
  const deeds = lookup(DEEDS, `${lesson} ${step.id}`);
  if (!deeds) throw new Error(`nothing is done for ${lesson} ${step.id}`);
  const outcome = card(page).locator('.lesson-outcome');
  expect(await button(page, 'Next').isEnabled()).toBe(false);
  await deeds.wrong?.(page);
  await button(page, 'Check').click();
  expect(await outcome.getAttribute('data-outcome')).toMatch(/failed|unknown/);
  await deeds.right(page);
  await expect
    .poll(async () => {
      // Where something was filled in, a student says when it is looked at.
      const check = button(page, 'Check');
      if (step.fields.length > 0 && (await check.isVisible())) await check.click();
      return outcome.getAttribute('data-outcome');
    })
    .toBe('passed');
}

async function observe(page: Page): Promise<string[]> {
  const values = card(page).locator('.lesson-figures dd');
  await expect.poll(() => values.allInnerTexts()).not.toContain('–');
  return values.allInnerTexts();
}

async function reflect(page: Page, { input, right }: Extract<Step, { kind: 'reflect' }>): Promise<void> {
  if (!input) return;
  await answerWrongly(page, input, String(right));
  await button(page, 'Answer').click();
  await card(page).getByText('Not quite:').waitFor();
}
