/**
 * Markdown as React elements: of markdown-it's tokens, with HTML off, so that nothing in a lesson becomes markup of its own.
 * Links are kept where they lead to the web, and pictures are left out.
 */
import MarkdownIt from 'markdown-it';
import { createElement, Fragment, type ReactNode } from 'react';

const parser = new MarkdownIt({ html: false, linkify: false, typographer: false }).disable('image');
type Token = ReturnType<typeof parser.parse>[number];

/** Everything else is shown as its text. */
const ELEMENTS = new Set(['p', 'ul', 'ol', 'li', 'strong', 'em', 'blockquote', 'h1', 'h2', 'h3', 'table', 'thead', 'tbody', 'tr', 'th', 'td']); // prettier-ignore

export function Markdown({ text }: { readonly text: string }) {
  return <div className="markdown">{children(parser.parse(text, {}), 0).nodes}</div>;
}

/** The nodes up to the token that closes them, and where that is. */
function children(tokens: readonly Token[], from: number): { nodes: ReactNode[]; end: number } {
  const nodes: ReactNode[] = [];
  let at = from;
  for (; at < tokens.length && tokens[at].nesting >= 0; at++) {
    const token = tokens[at];
    if (token.nesting === 1) {
      const inner = children(tokens, at + 1);
      nodes.push(<Fragment key={at}>{element(token, inner.nodes)}</Fragment>);
      at = inner.end;
    } else nodes.push(<Fragment key={at}>{leaf(token)}</Fragment>);
  }
  return { nodes, end: at };
}

function element(token: Token, inner: ReactNode[]): ReactNode {
  if (token.hidden) return inner;
  if (token.tag === 'a') {
    const href = String(token.attrGet('href') ?? '');
    return /^https?:/i.test(href) ? (
      <a href={href} target="_blank" rel="noreferrer">
        {inner}
      </a>
    ) : (
      inner
    );
  }
  return ELEMENTS.has(token.tag) ? createElement(token.tag, null, ...inner) : inner;
}

function leaf(token: Token): ReactNode {
  if (token.type === 'inline') return children(token.children ?? [], 0).nodes;
  if (token.type === 'code_inline') return <code>{token.content}</code>;
  if (token.type === 'fence' || token.type === 'code_block') return <pre>{token.content}</pre>;
  if (token.type === 'softbreak') return ' ';
  if (token.type === 'hardbreak') return <br />;
  if (token.type === 'hr') return <hr />;
  return token.content;
}
