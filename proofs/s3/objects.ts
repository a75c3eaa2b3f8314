import { type Account, type S3Target, inDays, makeBucket, storeOn } from './target.ts';

/** What the port promises, on a bucket with Object Lock and on one without. */
export async function proveObjects(target: S3Target, account: Account): Promise<void> {
  await makeBucket(target, 'unlocked', false);
  const unlocked = storeOn(target, 'unlocked');
  await account.refuses('a bucket without Object Lock is refused', () => unlocked.check(), [
    'StorageSetupError',
  ]);
  await unlocked.close();
  await account.refuses('a bucket that is not there is refused', () => storeOn(target, 'absent').check(), [
    'StorageSetupError',
  ]);
  await makeBucket(target, 'objects', true);
  const store = storeOn(target, 'objects');
  await store.check();
  const bytes = Buffer.from('one');
  const lockUntil = inDays(1);
  await store.put('eu/a/one.txt', bytes, { lockUntil });
  account.check('an object reads back', (await store.get('eu/a/one.txt'))?.equals(bytes) === true);
  const head = await store.head('eu/a/one.txt');
  account.check(
    'it is locked in compliance mode from the start',
    head?.lockedUntil?.getTime() === lockUntil.getTime(),
  );
  account.check('its length is known', head?.bytes === bytes.length);
  await store.put('eu/a/one.txt', bytes, { lockUntil });
  account.check('the same bytes again are fine', true);
  await account.refuses(
    'other bytes under the same name are refused',
    () => store.put('eu/a/one.txt', Buffer.from('two'), { lockUntil }),
    ['ObjectConflictError'],
  );
  const later = inDays(2);
  await store.put('eu/a/one.txt', bytes, { lockUntil: later });
  const prolonged = (await store.head('eu/a/one.txt'))?.lockedUntil;
  account.check('the same bytes with a longer lock prolong it', prolonged?.getTime() === later.getTime());
  await account.refuses('nothing is written without a lock', () =>
    store.put('eu/a/two.txt', bytes, { lockUntil: null }),
  );
  account.check(
    'what is not there is null',
    (await store.get('eu/b')) === null && (await store.head('eu/b')) === null,
  );
  await store.put('us/a.txt', bytes, { lockUntil });
  for (let i = 0; i < 5; i++) await store.put(`eu/list/${i}.txt`, bytes, { lockUntil });
  const names: string[] = [];
  for await (const name of store.list('eu/')) names.push(name);
  const expected = ['eu/a/one.txt', ...[0, 1, 2, 3, 4].map((i) => `eu/list/${i}.txt`)];
  account.check(
    'names are listed by prefix, in order',
    names.join() === expected.join(),
    `${names.length} names`,
  );
  await store.close();
}
