import { whole } from '../table.ts';
import type { Results } from './results.ts';

const width = 810;
const left = 300;
const right = 80;
const barHeight = 18;
const step = 26;

/** Bars of the checks for a CPU second, as SVG. Its colours follow the reader's scheme. */
export function chart(results: Results): string {
  const bars = results.parts.rows.map(({ name }) => ({
    name,
    value: results.median(name, ({ perCpuSecond }) => perCpuSecond),
  }));
  const most = Math.max(...bars.map(({ value }) => value));
  const height = bars.length * step + 40;
  const drawn = bars.map(({ name, value }, index) => {
    const y = 32 + index * step;
    const length = Math.round((value / most) * (width - left - right));
    const kind = name.startsWith('floor') ? 'floor' : /^(?:gRPC|HTTP)/.test(name) ? 'own' : 'other';
    return [
      `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${escaped(name)}</text>`,
      `<rect class="${kind}" x="${left}" y="${y}" width="${length}" height="${barHeight}" rx="3"/>`,
      `<text x="${left + length + 6}" y="${y + 13}">${whole(value)}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" \
font-family="ui-sans-serif, system-ui, sans-serif" font-size="13" role="img" aria-label="Checks for one CPU second">
<style>
text { fill: #1f2328 } .own { fill: #0969da } .floor { fill: #8c959f } .other { fill: #bf8700 }
@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .own { fill: #4493f8 } .floor { fill: #656c76 } \
.other { fill: #d29922 } }
</style>
<text x="${left}" y="18" font-weight="600">checks for one CPU second of the server</text>
${drawn.join('\n')}
</svg>
`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
