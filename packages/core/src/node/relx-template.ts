/**
 * What the start script of relx makes of `vm.args.src` and `sys.config.src`: `${NAME}` and `${NAME:-DEFAULT}` become the
 * value of the environment variable, nothing where it is missing. A value may hold such a place again.
 */
export function renderRelxTemplate(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return text
    .split('\n')
    .map((line) => renderLine(line, env))
    .join('\n');
}

function renderLine(line: string, env: Readonly<Record<string, string | undefined>>): string {
  let rendered = line;
  // A variable whose value names itself has no end; the script would run for ever.
  for (let count = 0; count < 100; count++) {
    const place = /\$\{([^}]*)\}/.exec(rendered);
    if (place === null) return rendered;
    const [whole, inside = ''] = place;
    const split = inside.indexOf(':-');
    const name = split < 0 ? inside : inside.slice(0, split);
    const value = env[name] ?? '';
    const replacement = value === '' && split >= 0 ? inside.slice(split + 2) : value;
    rendered = rendered.split(whole).join(replacement);
  }
  return rendered;
}
