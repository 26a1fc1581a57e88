/** What every screen has: a heading that is told when somebody comes to it, and how it stands with what it shows. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  readonly title: string;
  readonly error?: string | undefined;
  readonly children: ComponentChildren;
}

let opened = false;

export function Screen({ title, error, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Warren`;
    // Not with the first screen: there the page itself has just been read out.
    if (opened) heading.current?.focus();
    opened = true;
  }, [title]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {error === undefined ? null : (
        <p class="fault" role="alert">
          {error}
        </p>
      )}
      {children}
    </>
  );
}
