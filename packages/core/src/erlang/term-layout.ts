/** A piece of printed text that is laid out within a line width. */
export type Layout = LayoutText | LayoutGroup;

export interface LayoutText {
  readonly kind: 'text';
  readonly text: string;
}

/** Parts between brackets. On one line while they fit, else broken as `style` says. */
export interface LayoutGroup {
  readonly kind: 'group';
  readonly open: string;
  readonly close: string;
  readonly parts: readonly LayoutPart[];
  /** `stack`: each part on a line of its own. `fill`: as many parts on a line as fit, none after one of several lines. */
  readonly style: 'stack' | 'fill';
  /** Columns from the start of the group to its parts on further lines. */
  readonly indentation: number;
  /** Breaks even where it would fit on one line; so must all groups around it. */
  readonly broken: boolean;
  /** Width on one line. */
  readonly width: number;
}

export interface LayoutPart {
  readonly layout: Layout;
  /** Follows the part at once: `,` or ` =>`; empty after the last part. */
  readonly separator: string;
  /** Blank after the separator where no line break is. */
  readonly space: '' | ' ';
}

export interface GroupOptions {
  /** Breaks the group even where it would fit on one line. */
  readonly broken?: boolean;
  /** The width of the opening bracket, unless given. */
  readonly indentation?: number;
}

export function group(
  open: string,
  parts: readonly LayoutPart[],
  close: string,
  style: LayoutGroup['style'],
  options: GroupOptions = {},
): LayoutGroup {
  let width = open.length + close.length;
  let broken = options.broken ?? false;
  for (const { layout, separator, space } of parts) {
    width += widthOf(layout) + separator.length + space.length;
    broken ||= isBroken(layout);
  }
  return {
    kind: 'group',
    open,
    close,
    parts,
    style,
    indentation: options.indentation ?? open.length,
    broken,
    width,
  };
}

/** What is still to be written: text as it is, or a layout whose last line must leave room for `after` more characters. */
type Task =
  | { readonly kind: 'write'; readonly text: string }
  | { readonly kind: 'layout'; readonly layout: Layout; readonly after: number; readonly flat: boolean }
  | {
      readonly kind: 'part';
      readonly group: LayoutGroup;
      readonly index: number;
      readonly base: number;
      readonly after: number;
    };

/** Right of this share of the width, nesting is not indented any further. */
const deepestIndentation = 0.6;

/**
 * Lays out in lines of at most `width` characters where that is possible. The first line starts at column
 * `indent`, counted from 0; the others are indented by at least as much.
 */
export function renderLayout(layout: Layout, width: number, indent: number): string {
  const chunks: string[] = [];
  let column = indent;
  let lines = 0;
  const write = (text: string): void => {
    chunks.push(text);
    column += text.length;
  };
  const tasks: Task[] = [{ kind: 'layout', layout, after: 0, flat: false }];
  /** The line on which the previous part of a group began, to see whether it took several. */
  const partLines = new Map<LayoutGroup, number>();

  const startGroup = (target: LayoutGroup, after: number): void => {
    const start = column;
    write(target.open);
    const base = Math.min(
      start + target.indentation,
      Math.max(indent, Math.floor(width * deepestIndentation)),
    );
    tasks.push({ kind: 'part', group: target, index: 0, base, after });
  };

  const startPart = ({ group: target, index, base, after }: Extract<Task, { kind: 'part' }>): void => {
    const part = target.parts[index];
    if (part === undefined) {
      partLines.delete(target);
      write(target.close);
      return;
    }
    const last = index === target.parts.length - 1;
    const trailing = last ? target.close.length + after : part.separator.length;
    if (index > 0) {
      const space = target.parts[index - 1]?.space ?? '';
      const fits = !isBroken(part.layout) && column + space.length + widthOf(part.layout) + trailing <= width;
      if (target.style === 'fill' && fits && partLines.get(target) === lines) write(space);
      else {
        chunks.push(`\n${' '.repeat(base)}`);
        column = base;
        lines++;
      }
    }
    partLines.set(target, lines);
    tasks.push(
      { kind: 'part', group: target, index: index + 1, base, after },
      { kind: 'write', text: part.separator },
      { kind: 'layout', layout: part.layout, after: trailing, flat: false },
    );
  };

  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    switch (task.kind) {
      case 'write':
        write(task.text);
        break;
      case 'part':
        startPart(task);
        break;
      case 'layout': {
        const target = task.layout;
        if (target.kind === 'text') write(target.text);
        else if (task.flat || (!target.broken && column + target.width + task.after <= width))
          pushFlat(target, tasks);
        else startGroup(target, task.after);
      }
    }
  }
  return chunks.join('');
}

/** Queues a group to be written on one line. */
function pushFlat(target: LayoutGroup, tasks: Task[]): void {
  tasks.push({ kind: 'write', text: target.close });
  for (let index = target.parts.length - 1; index >= 0; index--) {
    const part = target.parts[index];
    if (part === undefined) continue;
    const space = index === target.parts.length - 1 ? '' : part.space;
    tasks.push(
      { kind: 'write', text: part.separator + space },
      { kind: 'layout', layout: part.layout, after: 0, flat: true },
    );
  }
  tasks.push({ kind: 'write', text: target.open });
}

function widthOf(layout: Layout): number {
  return layout.kind === 'text' ? layout.text.length : layout.width;
}

function isBroken(layout: Layout): boolean {
  return layout.kind === 'group' && layout.broken;
}
