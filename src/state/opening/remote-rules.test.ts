import { describe, expect, it } from 'vitest';
import { besides, checkRemote, isPrivateHost } from './remote-rules';

describe('addresses', () => {
  it.each([
    'http://localhost:8080/a',
    'http://printer/',
    'https://nas.local/m.onnx',
    'http://metadata.google.internal/',
    'http://10.1.2.3/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://172.31.255.255/',
    'http://192.168.178.1/',
    'http://169.254.169.254/latest',
    'http://100.127.0.1/',
    'http://[::1]/',
    'http://[fd12::1]/',
    'http://[fe80::1]/',
    'http://[::ffff:10.0.0.1]/',
  ])('%s is private', (url) => {
    expect(() => checkRemote(new URL(url), 'studio.example')).toThrow(/private network/);
  });

  it.each(['172.32.0.1', '11.0.0.1', '100.128.0.1', 'example.org', 'local.example.org', '[2001:db8::1]'])(
    '%s is public',
    (host) => expect(isPrivateHost(host)).toBe(false),
  );

  it("the page's own host may be private; other protocols and passwords are refused", () => {
    expect(() => checkRemote(new URL('http://localhost:9/a'), 'localhost')).not.toThrow();
    expect(() => checkRemote(new URL('ftp://x.org/a'), 'localhost')).toThrow(/not a web address/);
    expect(() => checkRemote(new URL('https://me:secret@x.org/a'), 'localhost')).toThrow(/a password/);
  });
});

describe('what a model names', () => {
  const base = new URL('https://x.org/m/model.json?raw=1');

  it.each(['a.bin', './a.bin', 'w/a.bin', '../m/a.bin', 'https://x.org/m/a.bin'])('%s lies beside it', (path) => {
    expect(besides(base, path).pathname).toMatch(/^\/m\/(w\/)?a\.bin$/);
  });

  it.each(['../a.bin', '/a.bin', '%2e%2e/a.bin', '//y.org/m/a.bin', 'https://y.org/m/a.bin', 'data:,a', 'http://['])(
    '%s does not',
    (path) => expect(() => besides(base, path)).toThrow(/does not lie in its own directory/),
  );
});
