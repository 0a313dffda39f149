/** The portal takes no more columns in one question. */
const mostColumns = 64;
/** Of an address; proxies take 8 KiB of it at most. A mount's path can be 255 characters long. */
const mostCharacters = 4096;

/** The columns in their order, in as many lists as it takes to ask for all of them. */
export function splitColumns(columns: readonly string[]): string[][] {
  const lists: string[][] = [];
  let characters = 0;
  for (const column of columns) {
    const list = lists.at(-1);
    const length = encodeURIComponent(`${column},`).length;
    characters += length;
    if (list !== undefined && list.length < mostColumns && characters <= mostCharacters) {
      list.push(column);
    } else {
      lists.push([column]);
      characters = length;
    }
  }
  return lists;
}
