import type { ReactNode } from 'react';
import { Hint } from '../parts/Tip';
import { TERMS, type TermId } from './terms';
import './term.css';

interface Props {
  readonly of: TermId;
  /** What more there is to say of it here. */
  readonly also?: string;
  readonly children: ReactNode;
}

/** A word of the field that explains itself when it is pointed at, tapped or chosen with the keyboard. */
export function Term({ of, also, children }: Props) {
  const { title, says } = TERMS[of];
  return (
    <Hint title={title} text={also === undefined ? says : `${also}. ${says}`}>
      {children}
    </Hint>
  );
}
