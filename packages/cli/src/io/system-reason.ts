/** What the system says, in words: codes of errno that opening, reading and writing files meet. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBADF: 'the file is closed',
  EBUSY: 'it is in use by another program',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file system allows no files of this size',
  EINVAL: 'the path is not valid',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links go round in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the path is too long',
  ENFILE: 'too many files are open in the system',
  ENODEV: 'the device is not there',
  ENOENT: 'there is no such file',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a directory',
  ENXIO: 'the device is not there',
  EPERM: 'the system does not allow it',
  EROFS: 'the disk is read-only',
  ESTALE: 'the network file is gone',
  ETIMEDOUT: 'the network file system does not answer',
  ERR_INVALID_ARG_VALUE: 'the path is not valid',
};

/** Why a file operation failed, in plain words. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? code ?? message;
}
