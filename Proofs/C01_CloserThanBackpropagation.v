(** * C1 fails: backpropagation can be closer to implicit SGD than inference learning *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation InferenceRules OneHiddenUnit.

(** The network 1-1-1: one linear hidden unit, squared error, [x = 1], [y = 5/2], [W = (3/4, 0)], [alpha = 1/4]. *)
Section Network.
Variable R : realFieldType.

Definition silent_target : 'cV[R]_1 := (5 / 2)%:M.
Definition silent_weights : weights (one_hidden 1 silent_target) := two_weights 1 silent_target (3 / 4) 0.
Definition silent_exact : weights (one_hidden 1 silent_target) := two_weights 1 silent_target 1 (2^-1)%:M.
Let bw := one_hidden_backward 1 silent_target.

(* The proximal objective is its value at [(1, 1/2)] and a sum of squares. *)
Lemma silent_prox a b : prox (1 / 4) silent_weights (two_weights 1 silent_target a b%:M) =
  prox (1 / 4) silent_weights silent_exact + 2^-1 * (a * b - 2^-1) ^+ 2 + (a - 1) ^+ 2 + (b - 2^-1) ^+ 2
    + (a - b - 2^-1) ^+ 2.
Proof.
by rewrite !one_hidden_prox !scale_scalar_mx !subr0 -!raddfB /= !nsq_scalar; field.
Qed.

(* [(1, 1/2)] is its only minimiser. *)
Lemma silent_minimiser W : minimises (@anything _) (prox (1 / 4) silent_weights) W <-> wsame W silent_exact.
Proof.
have key V : prox (1 / 4) silent_weights V = prox (1 / 4) silent_weights silent_exact
    + 2^-1 * (V 0%N ord0 ord0 * V 1%N ord0 ord0 - 2^-1) ^+ 2
    + (V 0%N ord0 ord0 - 1) ^+ 2 + (V 1%N ord0 ord0 - 2^-1) ^+ 2
    + (V 0%N ord0 ord0 - V 1%N ord0 ord0 - 2^-1) ^+ 2.
  by rewrite -silent_prox -mx11_scalar; apply/prox_same/two_weightsE.
have h2 : 0 <= 2^-1 :> R by rewrite invr_ge0 ler0n.
split=> [[_ Wmin]|We]; last first.
  split=> // V _; rewrite (prox_same _ _ We) (key V); move: (prox _ _ silent_exact) => p.
  by rewrite -!addrA ler_addl !addr_ge0 ?sqr_ge0 // mulr_ge0 ?sqr_ge0.
have := Wmin silent_exact I; rewrite (key W); move: (prox _ _ silent_exact) => p.
rewrite -!addrA ger_addl => le.
suff: W 0%N = 1%:M /\ W 1%N = (2^-1)%:M by case=> e0 e1 [|[|n]].
move: le; rewrite [W 0%N]mx11_scalar [W 1%N]mx11_scalar !mxE !mulr1n.
move: (W 0%N ord0 ord0) (W 1%N ord0 ord0) => a b le.
have /andP[/eqP a1 /eqP b1] : ((a - 1) ^+ 2 == 0) && ((b - 2^-1) ^+ 2 == 0).
  have q0 := mulr_ge0 h2 (sqr_ge0 (a * b - 2^-1)).
  rewrite !eq_le !sqr_ge0 !andbT; apply/andP; split; apply: le_trans le.
    by apply: ler_paddl q0 _; rewrite ler_addl addr_ge0 ?sqr_ge0.
  by apply: ler_paddl q0 _; apply: ler_paddl (sqr_ge0 _) _; rewrite ler_addl sqr_ge0.
by move/eqP: a1; rewrite sqrf_eq0 subr_eq0 => /eqP ->; move/eqP: b1; rewrite sqrf_eq0 subr_eq0 => /eqP ->.
Qed.

(* What the rules do, after any inference. *)
Lemma silent_bp : wsame (bp_update bw silent_weights (1 / 4)) (two_weights 1 silent_target 0 (15 / 32)%:M).
Proof.
move=> n ln; rewrite (one_hidden_bp _ _ _ ln) /silent_target scaler0 subr0 dot0l mulr0.
by rewrite scale_scalar_mx; congr (two_weights _ _ _ _%:M n); field.
Qed.

Lemma silent_il gamma t :
  wsame (il_update bw silent_weights (1 / 4) (il_inferred bw silent_weights gamma t))
        (two_weights 1 silent_target 0 (15 / 32)%:M).
Proof.
have ha := hidden_iter 1 silent_target (@clamped_output R) (@unit_ratio R) (3 / 4) 0 gamma t.
rewrite silent_hidden in ha => n ln; rewrite (one_hidden_il _ _ _ ha ln) subrr mulr0 mulr0 scaler0 subr0.
by rewrite scale_scalar_mx; congr (two_weights _ _ _ _%:M n); field.
Qed.

Lemma silent_il_prox eps gamma t :
  wsame (il_prox_update bw silent_weights (1 / 4) eps (il_prox_inferred bw silent_weights (1 / 4) gamma t))
        (two_weights 1 silent_target 0 ((9 / 16 + eps)^-1 * (135 / 584))%:M).
Proof.
have ha := hidden_iter 1 silent_target (mixed_output (1 / 4)) (@normalized_ratio R) (3 / 4) 0 gamma t.
rewrite silent_hidden in ha => n ln; rewrite (one_hidden_il_prox _ _ _ _ ha ln) subrr !mulr0 scaler0 subr0.
rewrite scale_scalar_mx; congr (two_weights _ _ _ _%:M n); rewrite /mixed_output -!mulrA mulr1.
have -> : (3 / 4) ^+ 2 = 9 / 16 :> R by field.
by congr (_ * _); field.
Qed.

End Network.

(** The only minimiser of the proximal objective is [(1, 1/2)].  Whatever the number [t] and the size [gamma] of the
    inference steps, standard inference learning makes backpropagation's update; IL-prox makes one that is further
    from the implicit update for every [eps >= 0], points in the same direction, and for the paper's [eps = 1] ends at a
    higher objective. *)
Theorem C01_closer_than_backpropagation_fails (R : realFieldType) :
  let bw := one_hidden_backward 1 (silent_target R) in
  let Wb := silent_weights R in let alpha := 1 / 4 in
  let bp := bp_update bw Wb alpha in
  let il gamma t := il_update bw Wb alpha (il_inferred bw Wb gamma t) in
  let il_prox eps gamma t := il_prox_update bw Wb alpha eps (il_prox_inferred bw Wb alpha gamma t) in
  let distance D := wsq (wsub D (wsub (silent_exact R) Wb)) in
  let objective D := prox alpha Wb (wadd Wb D) in
  (forall W, minimises (@anything _) (prox alpha Wb) W <-> wsame W (silent_exact R)) /\
  forall gamma t,
    [/\ wsame (il gamma t) bp,
        forall eps, 0 <= eps -> distance bp < distance (il_prox eps gamma t),
        forall eps, 0 <= eps -> exists2 c, 0 < c & wsame (il_prox eps gamma t) (wscale c bp)
      & objective bp < objective (il_prox 1 gamma t)].
Proof.
move=> bw Wb alpha bp il il_prox distance objective; split=> [W|gamma t]; first exact: silent_minimiser.
have sp eps : 0 <= eps -> 0 < 9 / 16 + eps :> R.
  by move=> e0; rewrite (lt_le_trans (_ : 0 < 9 / 16)) ?divr_gt0 ?ltr0n // ler_addl.
split=> [n ln|eps e0|eps e0|].
- by rewrite /il /bp /bw /Wb /alpha (silent_il _ _ ln) (silent_bp ln).
- rewrite /distance (one_hidden_distance _ _ (@silent_bp R)) (one_hidden_distance _ _ (@silent_il_prox R eps gamma t)).
  rewrite ltr_add2l subr0 -!raddfB /= !nsq_scalar; set q := _ * (135 / 584).
  have q1 : q <= 30 / 73.
    rewrite /q mulrC ler_pdivr_mulr ?sp //; have -> : 135 / 584 = 30 / 73 * (9 / 16) :> R by field.
    by rewrite ler_wpmul2l ?divr_ge0 ?ler0n // ler_addl.
  have -> : (15 / 32 - 2^-1) ^+ 2 = (1 / 32) ^+ 2 :> R by field.
  have d0 : 0 <= 1 / 32 :> R by rewrite divr_ge0 ?ler01 ?ler0n.
  have d1 : 1 / 32 < 2^-1 - q.
    apply: lt_le_trans (_ : 2^-1 - 30 / 73 <= _); last by rewrite ler_add2l ler_opp2.
    rewrite -subr_gt0; have -> : 2^-1 - 30 / 73 - 1 / 32 = 135 / 2336 :> R by field.
    by rewrite divr_gt0 ?ltr0n.
  by rewrite -[X in _ < X]sqrrN opprB ltr_sqr ?nnegrE // (le_trans d0) // ltW.
- exists ((9 / 16 + eps)^-1 * (36 / 73)) => [|n ln]; first by rewrite mulr_gt0 ?invr_gt0 ?sp // divr_gt0 ?ltr0n.
  rewrite /il_prox /bp /bw /Wb /alpha (silent_il_prox _ _ _ ln) /wscale (silent_bp ln); case: n ln => [|[|n]] // _ /=.
    by rewrite raddf0 scaler0.
  by rewrite scale_scalar_mx -mulrA; congr (_ * _)%:M; field.
- rewrite /objective (one_hidden_objective _ _ (@silent_bp R)) (one_hidden_objective _ _ (@silent_il_prox R 1 gamma t)).
  rewrite !add0r !scale_scalar_mx -!raddfB /= !nsq_scalar -subr_gt0.
  have -> : (9 / 16 + 1)^-1 * (135 / 584) = 54 / 365 :> R by field.
  set g := (X in 0 < X).
  have -> : g = 73 / 32 * (43 / 160 + 19 / 365) * (127 / 730 + 1 / 32) by rewrite /g /alpha; field.
  by rewrite !mulr_gt0 ?addr_gt0 ?divr_gt0 ?invr_gt0 ?ltr0n ?ltr01.
Qed.
