import { describe, expect, it } from 'vitest';
import { findSecrets } from './secrets.ts';

/** Joined here, so that no scanner of repositories takes an example for a leak. */
const of = (...parts: string[]) => parts.join('');
const body = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';

describe('secrets', () => {
  it.each([
    ['secret-cloud-key', of('AKIA', 'IOSFODNN7EXAMPLE')],
    ['secret-cloud-key', of('AIza', body.slice(0, 35))],
    ['secret-cloud-key', of('AccountKey=', 'Qx9+'.repeat(21), 'Qw==')],
    ['secret-token', of('ghp_', body)],
    ['secret-token', of('github_pat_', body, body)],
    ['secret-token', of('glpat-', body.slice(0, 20))],
    ['secret-token', of('xoxb-', '123456789012-', body)],
    ['secret-token', of('npm_', body)],
    ['secret-payment-key', of('sk_', 'live_', body)],
    ['secret-payment-key', of('whsec_', body)],
    ['secret-provider-key', of('sk-', 'ant-api03-', body)],
    ['secret-url-password', of('postgres://app:', 'S3cr3t-pw', '@db.example.org/main')],
    ['secret-named', 'the password is Tr0ub4dor&3'],
    ['secret-named', 'DB_PASSWORD=x7K!p2Qz9'],
    ['secret-named', of('aws_secret_access_key = wJalrXUtnFEMI/', 'K7MDENG/bPxRfiCYEXAMPLEKEY')],
    ['secret-named', of('"client_secret": "', body, '"')],
  ])('%s: %s', (rule, text) => {
    expect(findSecrets(text, '').map((found) => found.rule)).toContain(rule);
  });

  it('are known by the key that they stand under', () => {
    expect(findSecrets('x7K!p2Qz9', 'adminPassword')).toMatchObject([{ rule: 'secret-named' }]);
    expect(findSecrets('x7K!p2Qz9', 'customerReference')).toEqual([]);
  });

  it.each([
    'the password must have 12 characters and one digit',
    'reset your password: visit the branch',
    'api key: see the documentation',
    'the secret of compound interest is time',
    'access token: expired',
    'a credential is required',
    'password: ********',
    'https://example.org/path?x=1',
    'token 018f2d3e-7c1a-7b3e-9d2f-0123456789ab',
    'the key is in the contract, clause 14a',
  ])('are not in: %s', (text) => {
    expect(findSecrets(text, '')).toEqual([]);
  });
});
