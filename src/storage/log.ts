/**
 * Where this room reports what happens to the database. Messages and fields hold paths, ports, process
 * ids and codes only: no content of a request (I8).
 */
export type StorageLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, string | number>>,
) => void;
