(** * T2: the exact energy over activities, mini-batch of one example *)

From Proofs Require Import Preamble Matrices Network T03_BatchActivityEnergy.

Section Single.
Variables (R : realFieldType) (net : network R 1).

(** [s_n = || bar a_n ||^2]. *)
Definition rate_sq (h : activities net) n : R := nsq (act (h n)).

(** The term of a layer without presynaptic rates counts only where its error vanishes. *)
Definition single_admissible (Wb : weights net) (h : activities net) : Prop :=
  h 0%N = input net /\
  forall n, (n < depth net)%N -> rate_sq h n = 0 -> err Wb h n = 0.

(** [E_alpha(h) = loss(h_N) + 1/(2 alpha) sum_n ||e_(n+1)||^2 / s_n]; here [x / 0 = 0]. *)
Definition single_energy (alpha : R) (Wb : weights net) (h : activities net) : R :=
  loss (h (depth net))
  + (2 * alpha)^-1 * \sum_(n < depth net) nsq (err Wb h n) / rate_sq h n.

(** [W_n(h) = W_n^b + e_(n+1) (bar a_n)^T / s_n]. *)
Definition single_update (Wb : weights net) (h : activities net) : weights net :=
  fun n => Wb n + (rate_sq h n)^-1 *: (err Wb h n *m (act (h n))^T).

(* The three definitions are the batch ones for a batch of one. *)
Lemma single_energyE alpha Wb h : single_energy alpha Wb h = energy alpha Wb h.
Proof.
rewrite /energy; congr (_ + _ * _); apply: eq_bigr => n _.
by rewrite nsq_pinv_col.
Qed.

Lemma single_updateE Wb h n : single_update Wb h n = updated Wb h n.
Proof. by rewrite /updated pinv_col -scalemxAr. Qed.

Lemma single_admissibleE Wb h : single_admissible Wb h <-> admissible Wb h.
Proof.
split=> -[h0 adm]; split=> // n ln.
  have s0 := adm n ln; exists (err Wb h n *m pinv (act (h n))).
  case: (eqVneq (rate_sq h n) 0) => [s|s]; first by rewrite (s0 s) !mul0mx.
  by apply: pinv_full_solves; rewrite gram_col unitmxE det_scalar1 unitfE.
move=> /eqP; rewrite nsq_eq0 => /eqP a0.
by have [D <-] := adm n ln; rewrite a0 mulmx0.
Qed.

End Single.

(** For every [theta], the proximal objective is the energy of its feedforward activities plus
    the squared distance from their normalized update. *)
Theorem T02_identity (R : realFieldType) (net : network R 1) (alpha : R) (Wb W : weights net) :
  let h := forward W in
  single_admissible Wb h /\
  prox alpha Wb W =
    single_energy alpha Wb h + (2 * alpha)^-1 * wsq (wsub W (single_update Wb h)).
Proof.
have [adm ->] := T03_identity alpha Wb W.
split; first by apply/single_admissibleE.
rewrite single_energyE; congr (_ + _ * _); apply: eq_bigr => n _.
by rewrite /wsub single_updateE.
Qed.

(** Hence minimising over weights is minimising over activities. *)
Theorem T02_activity_energy (R : realFieldType) (net : network R 1) (alpha : R)
    (Wb : weights net) : 0 < alpha ->
  [/\ (* the same lower bounds, hence the same infimum *)
      forall c, (forall W, c <= prox alpha Wb W) <->
                (forall h, single_admissible Wb h -> c <= single_energy alpha Wb h),
      (* the normalized update attains the energy *)
      forall h, single_admissible Wb h ->
                prox alpha Wb (single_update Wb h) = single_energy alpha Wb h,
      (* minimising activities give minimising weights *)
      forall h, minimises (single_admissible Wb) (single_energy alpha Wb) h ->
                minimises (@anything _) (prox alpha Wb) (single_update Wb h)
    & (* and every minimiser over weights arises so *)
      forall W, minimises (@anything _) (prox alpha Wb) W ->
                minimises (single_admissible Wb) (single_energy alpha Wb) (forward W) /\
                wsame W (single_update Wb (forward W))].
Proof.
move=> a0; have [t1 t2 t3 t4] := T03_batch_activity_energy Wb a0.
have upd h : prox alpha Wb (single_update Wb h) = prox alpha Wb (updated Wb h).
  by apply: prox_same => n _; rewrite single_updateE.
split=> [c|h|h|W].
- rewrite t1; split=> lb h /single_admissibleE adm; move: (lb h adm); by rewrite single_energyE.
- by move=> /single_admissibleE adm; rewrite upd single_energyE t2.
- move=> [/single_admissibleE adm hmin].
  have [|_ Wmin] := t3 h; last by split=> // W _; rewrite upd Wmin.
  split=> // k /single_admissibleE kadm.
  by rewrite -!single_energyE hmin.
- move=> /t4 [[adm hmin] same]; split; last by move=> n ln; rewrite single_updateE same.
  split=> [|k /single_admissibleE kadm]; first by apply/single_admissibleE.
  by rewrite !single_energyE hmin.
Qed.

(** Example: without bias but with a nonzero rate the constraint is empty, so that the
    activities after the input are free. *)
Theorem T02_admissible_of_rates (R : realFieldType) (net : network R 1) (Wb : weights net)
    (h : activities net) :
  h 0%N = input net -> (forall n, (n < depth net)%N -> rate_sq h n != 0) ->
  single_admissible Wb h.
Proof. by move=> h0 s0; split=> // n ln /eqP; rewrite (negbTE (s0 n ln)). Qed.
