/** Line icons on a 16-pixel grid. */
const PATHS = {
  undo: 'M6 3 2.5 6.5 6 10M3 6.5h6.5a4 4 0 0 1 0 8H6',
  redo: 'm10 3 3.5 3.5L10 10M13 6.5H6.5a4 4 0 0 0 0 8H10',
  sun: 'M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 10A6 6 0 0 1 6 2.5 6 6 0 1 0 13.5 10Z',
  auto: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 2v12M8 5l4.5-.8M8 8h6M8 11l4.5.8',
  close: 'm4 4 8 8M12 4l-8 8',
  up: 'M8 13V3M4 7l4-4 4 4',
  down: 'M8 3v10M4 9l4 4 4-4',
  plus: 'M8 3v10M3 8h10',
  folder: 'M1.5 4.5v8a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-6a1 1 0 0 0-1-1H8L6.5 3.5h-4a1 1 0 0 0-1 1Z',
  file: 'M9 1.5H4a1 1 0 0 0-1 1v11a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V5.5L9 1.5ZM9 1.5v4h4',
  link: 'M6.5 9.5a3 3 0 0 0 4.2 0l2.4-2.4a3 3 0 0 0-4.2-4.2L8 3.8M9.5 6.5a3 3 0 0 0-4.2 0L2.9 8.9a3 3 0 0 0 4.2 4.2l.9-.9',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  share:
    'M11.5 5.5a2 2 0 1 0-2-2 2 2 0 0 0 2 2ZM4.5 10a2 2 0 1 0-2-2 2 2 0 0 0 2 2ZM11.5 14.5a2 2 0 1 0-2-2 2 2 0 0 0 2 2ZM6.3 7.1l3.4-2.4M6.3 9l3.4 2.4',
  check: 'm3 8.5 3.2 3.2L13 5',
  alert: 'M8 2 1.5 13.5h13L8 2ZM8 6.5v3M8 11.5v.5',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.5 10.5 14 14',
  lock: 'M4 7.5h8v6H4ZM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  help: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM6.3 6.4A1.8 1.8 0 1 1 8.6 8Q8 8.3 8 9.2M8 11.4v.2',
  pause: 'M5 3v10M11 3v10',
  play: 'M4.5 2.5v11l9-5.5-9-5.5Z',
  reset: 'M3 8a5 5 0 1 0 1.5-3.5M3 2.5V5.5h3',
  dice: 'M3.5 2.5h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM5.5 5.5h.1M8 8h.1M10.5 10.5h.1M10.5 5.5h.1M5.5 10.5h.1',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
