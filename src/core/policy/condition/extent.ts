import { charactersPerStep, stepsOfText } from './size.ts';

/** Steps to compare a list or map without its elements: finding its type and the comparison for it. */
const stepsOfList = 8;

/** How large the facts of one check are, as far as they are read. The cost is computed from this. */
export class Extent {
  /** The most elements of one list or map. */
  width = 1;
  /** Steps to read the largest element of a claim. */
  element = 1;
  /** Steps to read all values. */
  whole = 1;
  /** Steps to read the longest text. */
  text = 0;

  /** A number, bool or null. */
  addScalar(): void {
    this.whole++;
  }

  addText(text: string | undefined): void {
    if (text === undefined) return;
    // A short text is read in the step that finds it.
    this.whole += 1 + Math.floor(text.length / charactersPerStep);
    this.text = Math.max(this.text, stepsOfText(text));
  }

  /** Without its elements. */
  addList(length: number): void {
    this.whole += stepsOfList;
    this.width = Math.max(this.width, length);
  }

  /** Without its members: each is looked up by its name. */
  addMap(size: number): void {
    this.addList(size);
    this.whole += 2 * size;
  }

  addTexts(list: readonly string[]): void {
    this.addList(list.length);
    for (const text of list) this.addText(text);
  }

  /** Measures the element of a claim that `add` adds. */
  inElement<T>(add: () => T): T {
    const before = this.whole;
    const result = add();
    this.element = Math.max(this.element, this.whole - before);
    return result;
  }
}
