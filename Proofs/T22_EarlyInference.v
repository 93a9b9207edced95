(** * T22: early inference is a binomial filter of backpropagation *)

From Proofs Require Import Preamble Matrices Network Backpropagation InferenceRules.

(** The probability that of [T] independent trials, each successful with probability [g], exactly [j] succeed, and
    that at least [k] do.  [g] may be any number: the identities below are polynomial. *)
Definition binomial_mass (R : realFieldType) (g : R) (T j : nat) : R :=
  'C(T, j)%:R * g ^+ j * (1 - g) ^+ (T - j).
Definition binomial_tail (R : realFieldType) (g : R) (T k : nat) : R :=
  \sum_(k <= j < T.+1) binomial_mass g T j.

Section Binomial.
Variables (R : realFieldType) (g : R).

Lemma binomial_mass_step T j :
  binomial_mass g T.+1 j.+1 = g * binomial_mass g T j + (1 - g) * binomial_mass g T j.+1.
Proof.
rewrite /binomial_mass binS natrD subSS exprS.
case: (leqP T j) => [le|lt].
  by rewrite (@bin_small T j.+1) ?ltnS // !mul0r mulr0 add0r addr0; move: (_ ^+ _) (g ^+ j) => p q; ring.
rewrite -(subnSK lt) exprS; move: (_ ^+ _) (g ^+ j) => p q; ring.
Qed.

Lemma binomial_tail_all T : binomial_tail g T 0 = 1.
Proof.
have -> : 1 = (g + (1 - g)) ^+ T :> R by rewrite addrC subrK expr1n.
rewrite addrC exprDn /binomial_tail big_mkord; apply: eq_bigr => j _.
by rewrite /binomial_mass -[RHS]mulr_natl mulrA mulrAC.
Qed.

Lemma binomial_tail_none T k : (T < k)%N -> binomial_tail g T k = 0.
Proof. by move=> lt; rewrite /binomial_tail big_geq. Qed.

Lemma binomial_tail_step T k :
  binomial_tail g T.+1 k.+1 = g * binomial_tail g T k + (1 - g) * binomial_tail g T k.+1.
Proof.
case: (leqP k T) => [le|lt]; last by rewrite !binomial_tail_none ?ltnS ?(ltnW lt) ?lt // !mulr0 addr0.
have -> : binomial_tail g T k.+1 = \sum_(k.+1 <= j < T.+2) binomial_mass g T j.
  by rewrite big_nat_recr //= /binomial_mass bin_small // !mul0r addr0.
rewrite /binomial_tail !big_add1 /= !mulr_sumr -big_split /=.
by apply: eq_bigr => j _; apply: binomial_mass_step.
Qed.

End Binomial.

(* Certain success. *)
Lemma binomial_tail_certain (R : realFieldType) T k : (k <= T)%N -> binomial_tail (1 : R) T k = 1.
Proof.
move=> le; rewrite /binomial_tail big_nat_recr //= {2}/binomial_mass binn subnn !expr1n !mulr1.
rewrite big_nat big1 ?add0r // => j /andP[_ lt].
by rewrite /binomial_mass subrr expr0n subn_eq0 leqNgt lt mulr0.
Qed.

Section FixedPredictions.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net) (W : weights net).
Implicit Type h : activities net.

(** Inference with predictions and slopes fixed at the feedforward pass, unit precisions: the error of the output is
    the negative loss gradient there, that of a hidden layer is what its activity has moved by, and one step of size
    [gamma] moves all hidden activities at once. *)
Definition fixed_error h n : 'M[R]_(units net n.+1, B) :=
  if n.+1 == depth net then - delta bw W (forward W) n.+1 else h n.+1 - forward W n.+1.
Definition fixed_step (gamma : R) h : activities net :=
  fun n => match n return 'M[R]_(units net n, B) with
  | 0 => h 0%N
  | k.+1 => h k.+1 + gamma *: (bact bw (forward W k.+1) ((W k.+1)^T *m fixed_error h k.+1)
                               - (h k.+1 - forward W k.+1))
  end.
Definition fixed_inferred (gamma : R) (t : nat) : activities net :=
  iter t (fixed_step gamma) (forward W).

Lemma fixed_error_tail gamma t n : (n < depth net)%N ->
  fixed_error (fixed_inferred gamma t) n
    = - (binomial_tail gamma t (depth net - n.+1) *: delta bw W (forward W) n.+1).
Proof.
case: (eqVneq n.+1 (depth net)) => [e _|ne ln].
  by rewrite /fixed_error e eqxx subnn binomial_tail_all scale1r.
have {ne}lt : (n.+1 < depth net)%N by rewrite ltn_neqAle ne.
rewrite /fixed_error ltn_eqF // {ln}; elim: t n lt => [|t IH] n lt.
  by rewrite /= subrr binomial_tail_none ?subn_gt0 // scale0r oppr0.
rewrite /fixed_inferred iterS -/(fixed_inferred gamma t) /=.
rewrite -(subnSK lt) binomial_tail_step.
have -> : fixed_error (fixed_inferred gamma t) n.+1
    = - (binomial_tail gamma t (depth net - n.+2) *: delta bw W (forward W) n.+2).
  case: (eqVneq n.+2 (depth net)) => [e|ne].
    by rewrite /fixed_error e eqxx subnn binomial_tail_all scale1r.
  have l2 : (n.+2 < depth net)%N by rewrite ltn_neqAle ne.
  by rewrite /fixed_error ltn_eqF // IH.
set X := fixed_inferred gamma t n.+1; have {IH} := IH n lt; rewrite -/X -(subnSK lt) => hX.
rewrite mulmxN bactN -scalemxAr bactZ -delta_step // hX opprK addrAC hX.
rewrite [LHS]addrC scalerDr scalerN !scalerA scalerDl opprD addrAC -addrA; congr (_ + _).
by rewrite mulrBl mul1r scalerBl opprB addrC.
Qed.

End FixedPredictions.

(** The theorem: with predictions fixed, the error of layer [n + 1] after [T] steps is the share
    [P(Bin(T, gamma) >= N - (n + 1))] of the negative backpropagated gradient; so the local update of every layer is
    backpropagation's, times that share.  It is nothing as long as [T < N - (n + 1)], and all of it for [gamma = 1] and
    [T >= N - (n + 1)]. *)
Theorem T22_early_inference (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (W : weights net) (gamma : R) (T n : nat) : (n < depth net)%N ->
  let e := fixed_error bw W (fixed_inferred bw W gamma T) n in
  let share := binomial_tail gamma T (depth net - n.+1) in
  [/\ e = - (share *: delta bw W (forward W) n.+1),
      forall alpha, alpha *: (e *m (act (forward W n))^T) = share *: (- alpha *: gradW bw W n),
      (T < depth net - n.+1)%N -> e = 0
    & gamma = 1 -> (depth net - n.+1 <= T)%N -> e = - delta bw W (forward W) n.+1].
Proof.
move=> ln e share; have eE : e = - (share *: delta bw W (forward W) n.+1) by apply: fixed_error_tail.
split=> [//|alpha|lt|g1 le]; rewrite eE.
- by rewrite mulNmx -scalemxAl -/(gradW bw W n) scalerN scaleNr scalerN !scalerA mulrC.
- by rewrite /share binomial_tail_none // scale0r oppr0.
- by rewrite /share g1 binomial_tail_certain // scale1r.
Qed.

(** And with nothing fixed: simultaneous Euler steps of standard inference learning have not reached a layer whose
    distance from the output exceeds their number. *)
Theorem T22_not_reached (R : realFieldType) (net : network R 1) (bw : backward net) (W : weights net)
    (gamma : R) (T n : nat) : (T < depth net - n)%N ->
  il_inferred bw W gamma T n = forward W n.
Proof.
elim: T n => [//|T IH] n lt; rewrite /il_inferred iterS -/(il_inferred bw W gamma T).
have lt' : (T < depth net - n)%N by apply: ltn_trans lt.
case: n lt lt' => [|k] lt lt' /=; first by rewrite IH.
have l2 : (T < depth net - k.+2)%N by rewrite subnS -ltnS prednK // (leq_ltn_trans _ lt').
have lk : (T < depth net - k)%N by apply: leq_trans lt' _; rewrite leq_sub2l.
have ne : (k.+2 == depth net) = false by rewrite ltn_eqF // -subn_gt0 (leq_ltn_trans _ l2).
have err0 m : (T < depth net - m)%N -> (T < depth net - m.+1)%N ->
    err W (il_inferred bw W gamma T) m = 0.
  by move=> l1 l1'; rewrite /err !IH //= subrr.
rewrite /local_error ne !err0 // mulmx0 scaler0 subr0 (IH k.+1 lt').
by rewrite -(scale0r (0 : 'M_(rates net k.+1, 1))) bactZ scale0r scaler0 addr0.
Qed.
