/** Series over time, drawn by uPlot; the same figures stand in a table behind it. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { Table } from './table.js';
import { figure, timeOfDay } from './words.js';

export interface Series {
  readonly title: string;
  /** A custom property of the style, such as `--placed`. */
  readonly colour: string;
  readonly values: readonly number[];
}

interface Props {
  readonly title: string;
  readonly at: readonly string[];
  readonly series: readonly Series[];
}

const HEIGHT = 220;

export function Chart({ title, at, series }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data: uPlot.AlignedData = [
    at.map((time) => Date.parse(time) / 1000),
    ...series.map(({ values }) => [...values]),
  ];
  const titles = series.map(({ title }) => title).join();
  // Drawn anew only when there are other series; their figures are set below.
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(element, series), data, element);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    // Colours are those of the theme at the time of drawing.
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const system = window.matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      theme.disconnect();
      system.removeEventListener('change', draw);
      plot.current?.destroy();
    };
  }, [titles]);
  useEffect(() => plot.current?.setData(data));
  const rows = at.map((time, index) => ({ time, values: series.map(({ values }) => values[index] ?? 0) }));
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {series.map((one) => (
          <span key={one.title} class={`key ${one.colour.slice(2)}`}>
            {one.title}
          </span>
        ))}
      </figcaption>
      <div ref={place} aria-hidden="true" />
      <details>
        <summary>As a table</summary>
        <Table
          caption={title}
          items={rows}
          keyOf={({ time }) => time}
          empty="There are no figures yet."
          columns={[
            { title: 'From', cell: ({ time }) => timeOfDay(Date.parse(time)) },
            ...series.map((one, index) => ({
              title: one.title,
              figure: true,
              cell: ({ values }: (typeof rows)[number]) => figure(values[index] ?? 0),
            })),
          ]}
        />
      </details>
    </figure>
  );
}

function optionsOf(element: HTMLElement, series: readonly Series[]): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name);
  const axis: uPlot.Axis = {
    stroke: colour('--drawn-text'),
    grid: { stroke: colour('--drawn-line'), width: 1 },
    ticks: { show: false },
  };
  const clock = (_plot: uPlot, times: number[]): string[] => times.map((time) => timeOfDay(time * 1000));
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      { ...axis, values: clock, space: 90 },
      { ...axis, size: 56 },
    ],
    series: [
      {},
      ...series.map((one) => ({ label: one.title, stroke: colour(one.colour), width: 2, points: { show: false } })),
    ],
  };
}
