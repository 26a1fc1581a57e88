/** Light or dark, as the system has it or as was chosen here. */
import { useState } from 'preact/hooks';

const STORED = 'warren-theme';
const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const;
type Choice = keyof typeof NEXT;

export function Theme() {
  const [choice, setChoice] = useState<Choice>(() => applied(stored()));
  const choose = (): void => {
    const next = NEXT[choice];
    localStorage.setItem(STORED, next);
    setChoice(applied(next));
  };
  return (
    <button type="button" onClick={choose} aria-label={`Theme: ${choice}. Change to ${NEXT[choice]}`}>
      {choice === 'system' ? 'Auto' : choice === 'light' ? 'Light' : 'Dark'}
    </button>
  );
}

function stored(): Choice {
  const value = localStorage.getItem(STORED);
  return value === 'light' || value === 'dark' ? value : 'system';
}

function applied(choice: Choice): Choice {
  if (choice === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
  return choice;
}
