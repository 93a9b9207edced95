(** * C9 fails: far from the nudging limit the update of inference learning can be that of backpropagation *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T12_DeepLinear InferenceRules OneHiddenUnit.

(** The network 1-1-1: one linear hidden unit, squared error, [x = 1], [y = 1], [W = (1, 0)].  The gradient is not zero; for
    every learning rate and whatever the number and the size of the inference steps, standard inference learning, whose
    output is clamped, makes exactly backpropagation's update, and IL-prox one in the same direction. *)
Theorem C09_away_from_nudging_fails (R : realFieldType) :
  let y : 'cV[R]_1 := 1%:M in let bw := one_hidden_backward 1 y in
  let Wb := two_weights 1 y 1 0 in
  wsq (gradW bw Wb) = 1 /\
  forall alpha gamma t, 0 < alpha ->
    wsame (il_update bw Wb alpha (il_inferred bw Wb gamma t)) (bp_update bw Wb alpha) /\
    forall eps, 0 <= eps -> exists2 c, 0 < c &
      wsame (il_prox_update bw Wb alpha eps (il_prox_inferred bw Wb alpha gamma t)) (wscale c (bp_update bw Wb alpha)).
Proof.
move=> y bw Wb; have bp alpha : wsame (bp_update bw Wb alpha) (two_weights 1 y 0 alpha%:M).
  move=> n ln; rewrite (one_hidden_bp alpha 1 0 ln) scaler0 subr0 dot0l mulr0 !mulr1.
  by rewrite /y scale_scalar_mx mulr1.
split=> [|alpha gamma t al0].
  have e : wsame (wscale (- 1) (bp_update bw Wb 1)) (gradW bw Wb).
    by move=> n _; rewrite /bp_update /wscale scalerA mulN1r opprK scale1r.
  by rewrite -(wsq_same e) wsqZ (wsq_same (bp 1)) two_weights_wsq nsq_scalar; ring.
split=> [n ln|eps e0].
  have := hidden_iter 1 y (@clamped_output R) (@unit_ratio R) 1 0 gamma t; rewrite silent_hidden mulr1 => ha.
  rewrite (bp alpha n ln) (one_hidden_il alpha 1 0 ha ln) mulr1 subrr !mulr0 scaler0 subr0 mulr1.
  by rewrite /y scale_scalar_mx mulr1.
have p0 : 0 < 1 + alpha by rewrite addr_gt0 ?ltr01.
have q0 : 0 < 1 + eps by rewrite (lt_le_trans ltr01) // ler_addl.
exists ((1 + eps)^-1 * (1 + alpha)^-1) => [|n ln]; first by rewrite mulr_gt0 ?invr_gt0.
have := hidden_iter 1 y (mixed_output alpha) (@normalized_ratio R) 1 0 gamma t; rewrite silent_hidden mulr1 => ha.
rewrite (one_hidden_il_prox alpha eps 1 0 ha ln) mulr1 subrr !mulr0 scaler0 subr0 expr1n mul1r.
rewrite /wscale (bp alpha n ln) /mixed_output mulr1; case: n ln => [|[|n]] // _ /=.
  by rewrite raddf0 scaler0.
by rewrite /y !scale_scalar_mx mulr1 -mulrA [_^-1 * alpha]mulrC.
Qed.
