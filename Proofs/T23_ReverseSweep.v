(** * T23: the first reverse sweep is backpropagation with powers of gamma *)

From Proofs Require Import Preamble Matrices Network Backpropagation.

Section ReverseSweep.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net) (W : weights net) (gamma : R).
Implicit Type h : activities net.

(** The error of layer [n + 1] as it is read at activities [h]: that of the output is the negative loss gradient at the
    prediction of the feedforward pass, which has not moved when the layer below reads it. *)
Definition read_error h n : 'M[R]_(units net n.+1, B) :=
  if n.+1 == depth net then - delta bw W (forward W) n.+1 else err W h n.

(** Layer [m + 1] takes one Euler step of size [gamma] with unit precisions; the others stay. *)
Definition move_layer m h : activities net :=
  fun n => match n return 'M[R]_(units net n, B) with
  | 0 => h 0%N
  | k.+1 => if k == m
      then h k.+1 + gamma *: (bact bw (h k.+1) ((W k.+1)^T *m read_error h k.+1) - err W h k)
      else h k.+1
  end.

(** The activities after the uppermost [k] hidden layers have moved, one after the other, from the output down. *)
Fixpoint swept k : activities net :=
  match k with 0 => forward W | j.+1 => move_layer (depth net - j.+2)%N (swept j) end.

Lemma swept_below k m : (m + k < depth net)%N -> swept k m = forward W m.
Proof.
elim: k m => [//|k IH] m lt; have lt' : (m + k < depth net)%N by apply: leq_trans lt; rewrite ltnS leq_add2l.
case: m lt lt' => [|j] lt lt' /=; first exact: IH.
rewrite ltn_eqF ?IH // ltn_subRL addnC -addSnnS; move: lt; rewrite addSn addnS; exact: leq_trans.
Qed.

Lemma swept_error k n : (n.+1 + k)%N = depth net ->
  read_error (swept k) n = - (gamma ^+ k *: delta bw W (forward W) n.+1).
Proof.
elim: k n => [|k IH] n e.
  by rewrite /read_error -e addn0 eqxx expr0 scale1r.
have ltn : (n.+1 < depth net)%N by rewrite -e -addSnnS leq_addr.
rewrite /read_error ltn_eqF // /err (@swept_below k.+1 n); last by rewrite -e addSn.
have -> : swept k.+1 n.+1 = swept k n.+1
    + gamma *: (bact bw (swept k n.+1) ((W n.+1)^T *m read_error (swept k) n.+1) - err W (swept k) n).
  have em : (n == depth net - k.+2)%N by rewrite -e addSnnS addnK.
  by rewrite /= em.
have le1 : (n.+1 + k < depth net)%N by rewrite -e addnS.
have le0 : (n + k < depth net)%N by apply: ltn_trans le1.
have e' : (n.+2 + k)%N = depth net by rewrite addSnnS.
rewrite (IH n.+1 e') /err (@swept_below k n) // (@swept_below k n.+1) //=.
rewrite subrr subr0 addrAC subrr add0r mulmxN bactN -scalemxAr bactZ -delta_step //.
by rewrite scalerN scalerA exprS.
Qed.

End ReverseSweep.

(** The theorem: the error of layer [n + 1], read when the [N - (n + 1)] layers above and itself have moved, is
    [gamma^(N - (n + 1))] times the negative backpropagated gradient; the rates below are still those of the pass, so
    its local update is backpropagation's times that power, and backpropagation's for [gamma = 1]. *)
Theorem T23_reverse_sweep (R : realFieldType) (B : nat) (net : network R B) (bw : backward net) (W : weights net)
    (gamma : R) (n : nat) : (n < depth net)%N ->
  let k := (depth net - n.+1)%N in
  let h := swept bw W gamma k in
  [/\ read_error bw W h n = - (gamma ^+ k *: delta bw W (forward W) n.+1),
      forall alpha, alpha *: (read_error bw W h n *m (act (h n))^T) = gamma ^+ k *: (- alpha *: gradW bw W n)
    & gamma = 1 -> read_error bw W h n = - delta bw W (forward W) n.+1].
Proof.
move=> ln k h; have e : (n.+1 + k)%N = depth net by rewrite subnKC.
have eE : read_error bw W h n = - (gamma ^+ k *: delta bw W (forward W) n.+1) by apply: swept_error.
have hn : h n = forward W n by apply: swept_below; rewrite -e addSn.
split=> [//|alpha|g1]; rewrite eE.
- by rewrite hn mulNmx -scalemxAl -/(gradW bw W n) scalerN scaleNr scalerN !scalerA mulrC.
- by rewrite g1 expr1n scale1r.
Qed.
