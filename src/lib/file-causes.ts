/** Why a file cannot be used, by the code of the error. */
const fileCauses: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EEXIST: 'there is something else of this name',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'it is on a read-only file system',
};

/**
 * The code of an error about a file, and its cause in words: `(ENOENT): there is no such file or folder`.
 * @param otherwise stands in place of a code
 */
export function codeAndCause(code: string | undefined, otherwise = 'unknown error'): string {
  const cause = code === undefined ? undefined : fileCauses[code];
  return `(${code ?? otherwise})${cause === undefined ? '' : `: ${cause}`}`;
}
