(** * C10 fails: as alpha grows, backpropagation can point more directly at the target *)

From Proofs Require Import Preamble Matrices Network Backpropagation T12_DeepLinear InferenceRules OneHiddenUnit.

(** [a] points more directly at [r] than [b] does: both angles are acute, and the cosine of [a] is the larger one. *)
Definition more_direct (R : realFieldType) m (r a b : 'cV[R]_m) : Prop :=
  [/\ 0 < dot a r, 0 < dot b r & dot b r ^+ 2 * nsq a < dot a r ^+ 2 * nsq b].

(** The network 1-1-2: one linear hidden unit, two outputs, squared error, [x = 1], [y = (2, 1)], [W_0 = 1],
    [W_1 = (1, 0)]; the direction from the output to the target is [(1, 1)]. *)
Section Network.
Variable R : realFieldType.

Definition pair_of (a b : R) : 'cV[R]_2 := \col_(i < 2) (if i == ord0 then a else b).
Definition skew_target : 'cV[R]_2 := pair_of 2 1.
Definition skew_weights : weights (one_hidden 1 skew_target) := two_weights 1 skew_target 1 (pair_of 1 0).
Let bw := one_hidden_backward 1 skew_target.

(** The change of the output by an update. *)
Definition output_change (D : weights (one_hidden 1 skew_target)) : 'cV[R]_2 :=
  forward (wadd skew_weights D) 2%N - forward skew_weights 2%N.
Definition to_target : 'cV[R]_2 := skew_target - forward skew_weights 2%N.

Lemma pair_dot a b c d : dot (pair_of a b) (pair_of c d) = a * c + b * d.
Proof. by rewrite dotE !big_ord_recl !big_ord0 !addr0 !mxE. Qed.

Lemma pairD a b c d : pair_of a b + pair_of c d = pair_of (a + c) (b + d).
Proof. by apply/matrixP => i j; rewrite !mxE; case: ifP. Qed.

Lemma pairZ k a b : k *: pair_of a b = pair_of (k * a) (k * b).
Proof. by apply/matrixP => i j; rewrite !mxE; case: ifP. Qed.

Lemma pairB a b c d : pair_of a b - pair_of c d = pair_of (a - c) (b - d).
Proof. by rewrite -scaleN1r pairZ pairD !mulN1r. Qed.

Lemma pair_target : to_target = pair_of 1 1.
Proof.
rewrite /to_target [forward _ _]one_hidden_output /skew_target pairZ pairB.
by congr pair_of; ring.
Qed.

(* A pair points at (1, 1) the more directly, the smaller the difference of its entries over their sum. *)
Lemma pair_direct s d s' d' : 0 < s -> 0 < s' -> d ^+ 2 * s' ^+ 2 < d' ^+ 2 * s ^+ 2 ->
  more_direct (pair_of 1 1) (pair_of (s + d) (s - d)) (pair_of (s' + d') (s' - d')).
Proof.
move=> s0 s1 lt; have two (t e : R) : dot (pair_of (t + e) (t - e)) (pair_of 1 1) = 2 * t.
  by rewrite pair_dot; ring.
split; rewrite ?two; try by rewrite mulr_gt0 ?ltr0n.
rewrite /nsq !pair_dot -subr_gt0; have -> : (2 * s) ^+ 2 * ((s' + d') * (s' + d') + (s' - d') * (s' - d')) -
  (2 * s') ^+ 2 * ((s + d) * (s + d) + (s - d) * (s - d)) = 8 * (d' ^+ 2 * s ^+ 2 - d ^+ 2 * s' ^+ 2) by ring.
by rewrite mulr_gt0 ?ltr0n // subr_gt0.
Qed.

(* What the two rules do to the output; [e] is the displacement of the hidden unit. *)
Lemma skew_change D w a b : wsame D (two_weights 1 skew_target w (pair_of a b)) ->
  output_change D = pair_of ((1 + w) * (1 + a) - 1) ((1 + w) * b).
Proof.
move=> Dw; rewrite /output_change (one_hidden_after 1 (pair_of 1 0) Dw).2 [forward _ _]one_hidden_output.
by rewrite pairD !pairZ pairB; congr pair_of; ring.
Qed.

Lemma skew_bp alpha : output_change (bp_update bw skew_weights alpha) =
  pair_of (2^-1 * alpha * (3 + 2 * alpha) + 2^-1 * alpha) (2^-1 * alpha * (3 + 2 * alpha) - 2^-1 * alpha).
Proof.
have D : wsame (bp_update bw skew_weights alpha) (two_weights 1 skew_target alpha (pair_of alpha alpha)).
  move=> n ln; rewrite (one_hidden_bp _ _ _ ln) /skew_target !pairZ pairB pair_dot pairZ.
  by congr (two_weights _ _ _ (pair_of _ _) n); ring.
by rewrite (skew_change D); congr pair_of; field.
Qed.

Lemma skew_il alpha e h : @hidden_is R 2 1 skew_target (1 + e) h ->
  let k := alpha * e in let s := 2^-1 * alpha * (e + (1 + e) * (1 + k) * (2 - e)) in
  let d := - (2^-1 * alpha * e * (e + k * (1 + e))) in
  output_change (il_update bw skew_weights alpha h) = pair_of (s + d) (s - d).
Proof.
move=> he k s d.
have D : wsame (il_update bw skew_weights alpha h)
    (two_weights 1 skew_target k (pair_of (alpha * (1 + e) * (1 - e)) (alpha * (1 + e)))).
  move=> n ln; rewrite (one_hidden_il _ _ _ he ln) /skew_target !pairZ pairB pairZ.
  by congr (two_weights _ _ _ (pair_of _ _) n); rewrite /k; ring.
by rewrite (skew_change D) /s /d /k; congr pair_of; field.
Qed.

(* Backpropagation is the more direct one as soon as a polynomial inequality holds. *)
Lemma skew_more_direct alpha e h : @hidden_is R 2 1 skew_target (1 + e) h ->
  0 < alpha -> 0 < e -> e <= 2^-1 ->
  e + (1 + e) * (1 + alpha * e) * (2 - e) < (3 + 2 * alpha) * (e * (e + alpha * e * (1 + e))) ->
  more_direct to_target (output_change (bp_update bw skew_weights alpha))
    (output_change (il_update bw skew_weights alpha h)).
Proof.
move=> he a0 e0 e2 lt; rewrite pair_target skew_bp (skew_il alpha he).
have p0 : 0 < 2^-1 * alpha by rewrite mulr_gt0 ?invr_gt0 ?ltr0n.
have k0 : 0 < alpha * e by rewrite mulr_gt0.
have e1 : 0 < 2 - e.
  by rewrite subr_gt0; apply: le_lt_trans e2 _; apply: lt_trans (_ : 1 < _); rewrite ?invf_lt1 ?ltr0n ?ltr1n.
have s0 : 0 < e + (1 + e) * (1 + alpha * e) * (2 - e) by positive.
apply: pair_direct; try by positive.
rewrite sqrrN -!exprMn ltr_sqr ?nnegrE; first last.
- by apply: ltW; positive.
- by apply: ltW; positive.
move: lt; set S := e + _; set T := e + alpha * e * _ => lt.
have -> : 2^-1 * alpha * (2^-1 * alpha * S) = (2^-1 * alpha) ^+ 2 * S by ring.
have -> : 2^-1 * alpha * e * T * (2^-1 * alpha * (3 + 2 * alpha)) = (2^-1 * alpha) ^+ 2 * ((3 + 2 * alpha) * (e * T)).
  by ring.
by rewrite ltr_pmul2l // exprn_gt0.
Qed.

End Network.

(** At the equilibrium of its inference, standard inference learning points less directly at the target than
    backpropagation for every [alpha > 4/3]; and so it does after any number [t > 0] of steps of any size [gamma <= 1/2] for
    every [alpha >= 2 / gamma]. *)
Theorem C10_output_toward_target_fails (R : realFieldType) :
  let bw := one_hidden_backward 1 (skew_target R) in let Wb := skew_weights R in
  let step := inference_step bw Wb (@clamped_output R) (@unit_ratio R) in
  let change D := output_change (R := R) D in let r := to_target R in
  (forall alpha (h : activities (one_hidden 1 (skew_target R))), 4 / 3 < alpha -> h 0%N = 1%:M -> (forall n, (n < 2)%N -> step 1 h n = h n) ->
     more_direct r (change (bp_update bw Wb alpha)) (change (il_update bw Wb alpha h))) /\
  (forall alpha gamma t, 0 < gamma -> gamma <= 2^-1 -> 2 <= alpha * gamma -> (0 < t)%N ->
     more_direct r (change (bp_update bw Wb alpha)) (change (il_update bw Wb alpha (il_inferred bw Wb gamma t)))).
Proof.
move=> bw Wb step change r.
have h2 : 0 < 2^-1 :> R by rewrite invr_gt0 ltr0n.
have stepE gamma e : hidden_step 1 (skew_target R) (@clamped_output R) (@unit_ratio R) 1 (pair_of 1 0) gamma (1 + e)
    = 1 + (e + gamma * (1 - 2 * e)).
  rewrite /hidden_step /clamped_output /unit_ratio /skew_target pairZ pairB pair_dot; ring.
split=> [alpha h a43 h0 heq|alpha gamma t g0 g2 ag t0].
  have he : @hidden_is R 2 1 (skew_target R) (1 + (h 1%N ord0 ord0 - 1)) h.
    by split=> //; rewrite addrC subrK -mx11_scalar.
  have [_] := hidden_stepP (@clamped_output R) (@unit_ratio R) 1 (pair_of 1 0) 1 he.
  rewrite -/step heq // stepE => /matrixP /(_ ord0 ord0); rewrite !mxE !mulr1n => e1.
  have e2 : h 1%N ord0 ord0 = 1 + 2^-1.
    move: (h 1%N ord0 ord0) e1 => u e1; have e3 : 2 * u = 3.
      by apply/eqP; rewrite -subr_eq0; apply/eqP; move/eqP: e1; rewrite -subr_eq0 => /eqP e1;
        rewrite -[RHS]e1; ring.
    by rewrite -[u]mul1r -(mulVf (_ : 2 != 0 :> R)) ?pnatr_eq0 // -mulrA e3; field.
  have a0 : 0 < alpha by apply: lt_trans a43; rewrite divr_gt0 ?ltr0n.
  rewrite e2 [1 + 2^-1]addrC addrK in he.
  apply: (skew_more_direct he) => //; rewrite -subr_gt0.
  set g := (X in 0 < X); have -> : g = 3 / 4 * ((alpha - 4 / 3) * (alpha + 2)) by rewrite /g; field.
  by have d0 : 0 < alpha - 4 / 3 by [rewrite subr_gt0]; positive.
have [e [e1 e2 path]] : exists e, [/\ gamma <= e, e <= 2^-1 & iter t (hidden_step 1 (skew_target R) (@clamped_output R)
    (@unit_ratio R) 1 (pair_of 1 0) gamma) (1 * 1) = 1 + e].
  have inner e : e <= 2^-1 -> e + gamma * (1 - 2 * e) <= 2^-1.
    move=> e2; rewrite -subr_ge0.
    have -> : 2^-1 - (e + gamma * (1 - 2 * e)) = (2^-1 - e) * (1 - 2 * gamma) by field.
    by rewrite mulr_ge0 ?subr_ge0 // mulrC -ler_pdivl_mulr ?ltr0n // mul1r.
  have outer e : 0 <= e -> gamma <= e + gamma * (1 - 2 * e).
    move=> e0; rewrite -subr_ge0.
    have -> : e + gamma * (1 - 2 * e) - gamma = e * (1 - 2 * gamma) by ring.
    by rewrite mulr_ge0 ?subr_ge0 // mulrC -ler_pdivl_mulr ?ltr0n // mul1r.
  have : exists e, [/\ 0 <= e, e <= 2^-1 & iter t.-1 (hidden_step 1 (skew_target R) (@clamped_output R)
      (@unit_ratio R) 1 (pair_of 1 0) gamma) (1 * 1) = 1 + e].
    elim: t.-1 => [|u [e [e1 e2 /= ->]]]; first by exists 0; split; rewrite /= ?mulr1 ?addr0 // ltW.
    by rewrite stepE; eexists; split; [apply: le_trans (outer _ e1); apply: ltW | apply: inner |].
  case: t t0 => //= t _ [e [e1 e2 ->]]; by rewrite stepE; exists (e + gamma * (1 - 2 * e)); split; [apply: outer | apply: inner |].
have he := hidden_iter 1 (skew_target R) (@clamped_output R) (@unit_ratio R) 1 (pair_of 1 0) gamma t.
rewrite path in he; have e0 := lt_le_trans g0 e1.
have a0 : 0 < alpha by rewrite -(pmulr_lgt0 _ g0) (lt_le_trans _ ag) ?ltr0n.
apply: (skew_more_direct he) => //; rewrite -subr_gt0.
set k := alpha * e; have k2 : 2 <= k by apply: le_trans ag _; rewrite ler_wpmul2l // ltW.
set g := (X in 0 < X).
have -> : g = 2 * (k * (k - 2)) + 2 * (k - 2) + 2 + 2 * e * ((k - 2) * (k + 2) + 3) + 4 * k * (e ^+ 2 + e) + 4 * e ^+ 2.
  by rewrite /g /k; ring.
have k0 : 0 < k by rewrite mulr_gt0.
have k3 : 0 <= k - 2 by rewrite subr_ge0.
have [e3 k4] := (ltW e0, ltW k0); have k5 : 0 <= k + 2 by rewrite addr_ge0 ?ler0n.
apply: lt_le_trans (ltr0n R 2) _; rewrite -subr_ge0.
have -> : forall p q s u v : R, p + q + 2 + s + u + v - 2 = p + q + s + u + v by move=> *; ring.
by repeat first [assumption | exact: sqr_ge0 | exact: ler0n | apply: addr_ge0 | apply: mulr_ge0].
Qed.
