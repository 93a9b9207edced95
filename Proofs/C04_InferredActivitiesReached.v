(** * C4 fails: inferred activities need not be reached *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T12_DeepLinear InferenceRules OneHiddenUnit.

Section AfterUpdate.
Variables (R : realFieldType) (y : R).
Let bw := one_hidden_backward 1 (y%:M : 'cV[R]_1).
Let Wb := two_weights 1 (y%:M : 'cV[R]_1) 1 0.

(* With [W = (1, 0)] inference leaves the hidden unit at 1.  If its output is [o] and the update of [W_1] is [b], the
   output after the update is [b]. *)
Lemma silent_distance c (h : activities (one_hidden 1 (y%:M : 'cV[R]_1))) D b :
  hidden_is 1 h -> wsame D (two_weights 1 (y%:M : 'cV[R]_1) 0 b%:M) ->
  activity_distance (with_output bw Wb c h) (forward (wadd Wb D)) = (c 1 * y - b) ^+ 2 /\
  activity_distance (with_output bw Wb c h) (forward Wb) = (c 1 * y) ^+ 2.
Proof.
move=> ha Db; case: (ha) => h0 h1; have [f1 f2] := one_hidden_after 1 0 Db.
have o1 : with_output bw Wb c h 1%N = 1%:M by rewrite /with_output /= h1.
have o2 : with_output bw Wb c h 2%N = (c 1 * y)%:M.
  by rewrite /with_output /= (hidden_error1 c 1 0 ha) h1 mul0mx scaler0 subr0 add0r expr1n scale_scalar_mx.
have two (k l : activities (one_hidden 1 (y%:M : 'cV[R]_1))) :
    activity_distance k l = nsq (k 1%N - l 1%N) + nsq (k 2%N - l 2%N).
  by rewrite /activity_distance !big_ord_recl big_ord0 addr0.
split; rewrite two o1 o2 ?f1 ?f2.
- by rewrite addr0 mulr1 subrr nsq0 !add0r scale1r -raddfB /= nsq_scalar.
- by rewrite [forward _ 2%N]one_hidden_output scaler0 subr0 /= mulmx1 subrr nsq0 add0r nsq_scalar.
Qed.

End AfterUpdate.

(** The network 1-1-1: one linear hidden unit, squared error, [x = 1], [y = 1], [W = (1, 0)], [alpha = 3].  Whatever the
    number and the size of the inference steps, the activities after the paper's IL-prox ([eps = 1]) are half as far from the
    inferred ones as those before the update, those after standard inference learning twice as far; with [eps = 0] IL-prox
    reaches them. *)
Theorem C04_inferred_activities_reached_fails (R : realFieldType) :
  let y : 'cV[R]_1 := 1%:M in let bw := one_hidden_backward 1 y in
  let Wb := two_weights 1 y 1 0 in let alpha := 3 in
  forall gamma t,
    let h := il_prox_inferred bw Wb alpha gamma t in let k := il_inferred bw Wb gamma t in
    let inferred := with_output bw Wb (mixed_output alpha) h in
    let inferred' := with_output bw Wb (@clamped_output R) k in
    let after eps := forward (wadd Wb (il_prox_update bw Wb alpha eps h)) in
    let after' := forward (wadd Wb (il_update bw Wb alpha k)) in
    [/\ 0 < activity_distance inferred (forward Wb) /\ 0 < activity_distance inferred' (forward Wb),
        activity_distance inferred (after 1) = (1 / 2) ^+ 2 * activity_distance inferred (forward Wb),
        activity_distance inferred' after' = 2 ^+ 2 * activity_distance inferred' (forward Wb)
      & activity_distance inferred (after 0) = 0].
Proof.
move=> y bw Wb alpha gamma t h k inferred inferred' after after'.
have hh : @hidden_is R 1 1 y 1 h.
  have := hidden_iter 1 y (mixed_output alpha) (@normalized_ratio R) 1 0 gamma t.
  by rewrite silent_hidden mulr1.
have hk : @hidden_is R 1 1 y 1 k.
  have := hidden_iter 1 y (@clamped_output R) (@unit_ratio R) 1 0 gamma t.
  by rewrite silent_hidden mulr1.
have m1 : mixed_output alpha 1 = 3 / 4 :> R by rewrite /mixed_output /alpha; field.
have up eps : wsame (il_prox_update bw Wb alpha eps h) (two_weights 1 y 0 ((1 + eps)^-1 * (3 / 4))%:M).
  move=> n ln; rewrite (one_hidden_il_prox alpha eps 1 0 hh ln) mulr1 subrr !mulr0 scaler0 subr0 expr1n mul1r m1.
  by rewrite /y scale_scalar_mx mulr1.
have uk : wsame (il_update bw Wb alpha k) (two_weights 1 y 0 3%:M).
  move=> n ln; rewrite (one_hidden_il alpha 1 0 hk ln) mulr1 subrr !mulr0 scaler0 subr0 mulr1.
  by rewrite /y scale_scalar_mx mulr1.
have [a1 a0] := silent_distance (mixed_output alpha) hh (up 1).
have [b1 _] := silent_distance (mixed_output alpha) hh (up 0).
have [c1 c0] := silent_distance (@clamped_output R) hk uk.
split.
- rewrite /inferred /inferred' a0 c0 m1 /clamped_output !mulr1 expr1n.
  by rewrite exprn_gt0 ?divr_gt0 ?ltr0n ?ltr01.
- by rewrite /inferred /after a0 a1 m1; field.
- by rewrite /inferred' /after' c0 c1 /clamped_output; ring.
- by rewrite /inferred /after b1 m1; field.
Qed.
