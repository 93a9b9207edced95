(** * C3 fails: inference can raise the proximal objective of its update *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T12_DeepLinear InferenceRules OneHiddenUnit.

(** The network 1-1-1: one linear hidden unit, squared error, [x = 1], [y = -1], [W = (1, 1)], [alpha = 1]. *)
Section Network.
Variable R : realFieldType.

Definition opposed_target : 'cV[R]_1 := (-1)%:M.
Definition opposed_weights : weights (one_hidden 1 opposed_target) := two_weights 1 opposed_target 1 1%:M.
Let bw := one_hidden_backward 1 opposed_target.

Lemma one_sq_gt0 (a : R) : 0 < 1 + a ^+ 2.
Proof. by apply: lt_le_trans ltr01 _; rewrite ler_addl sqr_ge0. Qed.

(* A step takes the hidden activity [a] to [a (1 - gamma (a^2 - a + 2) / (1 + a^2))]. *)
Lemma opposed_step gamma a : 0 < a ->
  hidden_step 1 opposed_target (mixed_output 1) (@normalized_ratio R) 1 1%:M gamma a
  = a * (1 - gamma * ((a ^+ 2 - a + 2) / (1 + a ^+ 2))).
Proof.
move=> a0; rewrite /hidden_step /mixed_output /normalized_ratio scale_scalar_mx -raddfB /=.
rewrite dotE !big_ord_recl !big_ord0 !addr0 !mxE eqxx !mulr1n.
by field; rewrite ?gt_eqF ?one_sq_gt0.
Qed.

(* So it stays between 0 and 1 for ever, and leaves 1 at once. *)
Lemma opposed_path gamma t : 0 < gamma -> gamma <= 2^-1 ->
  let a := iter t (hidden_step 1 opposed_target (mixed_output 1) (@normalized_ratio R) 1 1%:M gamma) 1 in
  0 < a /\ (if t is 0 then a = 1 else a < 1).
Proof.
move=> g0 g2; elim: t => [|t IH]; first by split=> //=; apply: ltr01.
move: IH => /=; move: (iter _ _ _) => a [a0 a1]; have {a1} a1 : a <= 1.
  by case: t a1 => [->|_ /ltW].
rewrite opposed_step //; set q := _ / _.
have q0 : 0 < q.
  rewrite divr_gt0 ?one_sq_gt0 //; have -> : a ^+ 2 - a + 2 = a ^+ 2 + (1 - a) + 1 by ring.
  by rewrite ltr_paddl ?ltr01 // addr_ge0 ?sqr_ge0 // subr_ge0.
have q2 : q < 2.
  rewrite /q ltr_pdivr_mulr ?one_sq_gt0 // -subr_gt0.
  have -> : 2 * (1 + a ^+ 2) - (a ^+ 2 - a + 2) = a ^+ 2 + a by ring.
  by rewrite ltr_paddl ?sqr_ge0.
split.
  rewrite mulr_gt0 // subr_gt0; apply: le_lt_trans (_ : 2^-1 * q < 1); first by rewrite ler_wpmul2r // ltW.
  by rewrite mulrC ltr_pdivr_mulr ?ltr0n // mul1r.
by apply: lt_le_trans a1; rewrite gtr_pmulr // ltr_subl_addl ltr_addr mulr_gt0.
Qed.

(* The objectives after the updates from hidden activity [a], less those from [1], for [eps = 0] and [eps = 1]. *)
Lemma opposed_objective eps a h : @hidden_is R 1 1 opposed_target a h ->
  prox 1 opposed_weights (wadd opposed_weights (il_prox_update bw opposed_weights 1 eps h)) =
  2^-1 * ((1 + (1 + eps)^-1 * (a - 1)) * (1 - (a ^+ 2 + eps)^-1 * (a ^+ 3 / (1 + a ^+ 2)) * (1 + a)) + 1) ^+ 2
  + 2^-1 * (((1 + eps)^-1 * (a - 1)) ^+ 2 + ((a ^+ 2 + eps)^-1 * (a ^+ 3 / (1 + a ^+ 2)) * (1 + a)) ^+ 2).
Proof.
move=> ha; rewrite (one_hidden_objective _ _ (one_hidden_il_prox 1 eps 1 1%:M ha)).
rewrite /opposed_target !scale_scalar_mx -raddfB /= !scale_scalar_mx -raddfD /= scale_scalar_mx -raddfB /= !nsq_scalar.
rewrite /mixed_output; have p0 := one_sq_gt0 a.
have -> : a * (1 * a ^+ 2 / (1 + 1 * a ^+ 2)) = a ^+ 3 / (1 + a ^+ 2) by field; rewrite gt_eqF.
move: (a ^+ 3 / _) (a ^+ 2 + eps) => p q; rewrite expr1n.
by move: (q^-1) ((1 + eps)^-1) => {}q r; field.
Qed.

End Network.

(** For every step size [0 < gamma <= 1/2] and every number [t > 0] of steps from the feedforward pass, the update of IL-prox
    after inference has a higher proximal objective than that before it, for [eps = 0] and for the paper's [eps = 1]. *)
Theorem C03_inference_lowers_objective_fails (R : realFieldType) :
  let bw := one_hidden_backward 1 (opposed_target R) in
  let Wb := opposed_weights R in
  let after eps gamma t := prox 1 Wb (wadd Wb (il_prox_update bw Wb 1 eps (il_prox_inferred bw Wb 1 gamma t))) in
  forall gamma t, 0 < gamma -> gamma <= 2^-1 -> (0 < t)%N ->
    after 0 gamma 0%N < after 0 gamma t /\ after 1 gamma 0%N < after 1 gamma t.
Proof.
move=> bw Wb after gamma t g0 g2 t0.
have path u := hidden_iter 1 (opposed_target R) (mixed_output 1) (@normalized_ratio R) 1 1%:M gamma u.
have E eps u : after eps gamma u = _ := opposed_objective eps (path u).
have [a0 a1] := opposed_path t g0 g2; rewrite !E mulr1 /= {E path}.
case: t t0 a0 a1 => // t _; move: (iter t.+1 _ _) => a a0 a1.
have p0 := one_sq_gt0 a; have r0 : 1 + 1 != 0 :> R by rewrite -(natrD _ 1 1) pnatr_eq0.
split; rewrite -subr_gt0; set g := (X in 0 < X).
  have -> : g = a ^+ 2 * (1 - a) ^+ 2 / (2 * (1 + a ^+ 2)) by rewrite /g; field; rewrite !gt_eqF.
  by rewrite divr_gt0 ?mulr_gt0 ?exprn_gt0 ?subr_gt0 ?ltr0n.
have -> : g = a * (1 - a) * (4 + 6 * a + 16 * a ^+ 2 + 10 * a ^+ 3 + 11 * a ^+ 4 + a ^+ 4 * (1 - a)
    + a ^+ 6 + a ^+ 7 * (1 - a)) / (8 * (1 + a ^+ 2) ^+ 4) by rewrite /g; field; rewrite !gt_eqF // addrC.
have i0 : 0 < 1 - a by rewrite subr_gt0.
by rewrite divr_gt0 //; positive.
Qed.
