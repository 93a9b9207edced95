(** * Derivatives over an ordered field, without limits or roots

    A property holds [near] zero (within a domain [D]) when it holds for all [t] of [D] with
    [t^2 <= delta], for some [delta > 0].  A curve of matrices [f] has the derivative [f'] at 0 when
    [|| f t - f 0 - t f' ||^2 <= eps t^2] near zero for every [eps > 0]: the usual definition,
    squared. *)

From Proofs Require Import Preamble Matrices.

(* Closes goals that an expression built from squares is nonnegative. *)
Ltac pos := by move=> *; repeat first [exact: nsq_ge0 | exact: sqr_ge0 | exact: ler0n
  | assumption | apply: mulr_ge0 | apply: addr_ge0].

Section Near.
Variables (R : realFieldType) (D : R -> Prop).
Implicit Types (P Q : R -> Prop) (r s : R -> R).

Definition near P : Prop := exists2 del : R, 0 < del & forall t, D t -> t ^+ 2 <= del -> P t.

(** [vanishes r]: [r t -> 0];  [little r]: [r t = o(t^2)];  [big r]: [r t = O(t^2)]. *)
Definition vanishes r : Prop := forall eps, 0 < eps -> near (fun t => r t <= eps).
Definition little r : Prop := forall eps, 0 < eps -> near (fun t => r t <= eps * t ^+ 2).
Definition big r : Prop := exists2 C : R, 0 < C & near (fun t => r t <= C * t ^+ 2).

Lemma near_and P Q : near P -> near Q -> near (fun t => P t /\ Q t).
Proof.
move=> [a a0 hP] [b b0 hQ]; exists (Num.min a b); first by rewrite lt_minr a0.
by move=> t Dt; rewrite le_minr => /andP[ta tb]; split; [apply: hP | apply: hQ].
Qed.

Lemma near_imp P Q : (forall t, D t -> P t -> Q t) -> near P -> near Q.
Proof. by move=> PQ [a a0 hP]; exists a => // t Dt ta; apply/PQ/hP. Qed.

Lemma near_all P : (forall t, D t -> P t) -> near P.
Proof. by move=> hP; exists 1; [exact: ltr01 | move=> t Dt _; apply: hP]. Qed.

Lemma near_small del : 0 < del -> near (fun t => t ^+ 2 <= del).
Proof. by move=> d0; exists del. Qed.

Lemma near_ord n (P : 'I_n -> R -> Prop) :
  (forall i, near (P i)) -> near (fun t => forall i, P i t).
Proof.
elim: n P => [|n IH] P hP; first by apply: near_all => t _ [].
have := near_and (hP ord0) (IH (fun i => P (lift ord0 i)) (fun i => hP _)).
by apply: near_imp => t _ [h0 hS] i; case: (unliftP ord0 i) => [j|] ->.
Qed.

Let half_pos (e : R) : 0 < e -> 0 < e / 2.
Proof. by move=> e0; rewrite divr_gt0 ?ltr0n. Qed.

Let halves (e : R) : e / 2 + e / 2 = e.
Proof. by field. Qed.

Lemma vanishes_le r s : (forall t, D t -> r t <= s t) -> vanishes s -> vanishes r.
Proof.
by move=> rs vs e e0; apply: near_imp (vs e e0) => t Dt; apply/le_trans/rs.
Qed.

Lemma little_le r s : (forall t, D t -> r t <= s t) -> little s -> little r.
Proof.
by move=> rs vs e e0; apply: near_imp (vs e e0) => t Dt; apply/le_trans/rs.
Qed.

Lemma vanishesD r s : vanishes r -> vanishes s -> vanishes (fun t => r t + s t).
Proof.
move=> vr vs e /half_pos e0; apply: near_imp (near_and (vr _ e0) (vs _ e0)) => t _ [h1 h2].
by rewrite -(halves e) ler_add.
Qed.

Lemma littleD r s : little r -> little s -> little (fun t => r t + s t).
Proof.
move=> vr vs e /half_pos e0; apply: near_imp (near_and (vr _ e0) (vs _ e0)) => t _ [h1 h2].
by rewrite -(halves e) mulrDl ler_add.
Qed.

Lemma vanishesZ c r : 0 <= c -> (forall t, 0 <= r t) -> vanishes r -> vanishes (fun t => c * r t).
Proof.
move=> c0 r0 vr e e0; have c1 : 0 < c + 1 by rewrite ltr_paddl.
apply: near_imp (vr (e / (c + 1)) _) => [t _ h|]; last exact: divr_gt0.
have : (c + 1) * r t <= e by rewrite mulrC -ler_pdivl_mulr.
by apply: le_trans; rewrite ler_wpmul2r // ler_addl.
Qed.

Lemma littleZ c r : 0 <= c -> (forall t, 0 <= r t) -> little r -> little (fun t => c * r t).
Proof.
move=> c0 r0 vr e e0; have c1 : 0 < c + 1 by rewrite ltr_paddl.
apply: near_imp (vr (e / (c + 1)) _) => [t _ h|]; last exact: divr_gt0.
have : (c + 1) * r t <= e * t ^+ 2.
  by rewrite mulrC -ler_pdivl_mulr // mulrAC.
by apply: le_trans; rewrite ler_wpmul2r // ler_addl.
Qed.

Lemma little_big r : little r -> big r.
Proof. by move=> lr; exists 1; [exact: ltr01 | exact: lr ltr01]. Qed.

Lemma bigD r s : big r -> big s -> big (fun t => r t + s t).
Proof.
move=> [a a0 hr] [b b0 hs]; exists (a + b); first exact: addr_gt0.
by apply: near_imp (near_and hr hs) => t _ [h1 h2]; rewrite mulrDl ler_add.
Qed.

Lemma bigZ c r : 0 <= c -> (forall t, 0 <= r t) -> big r -> big (fun t => c * r t).
Proof.
move=> c0 r0 [C C0 hr]; have c1 : 0 < c + 1 by rewrite ltr_paddl.
exists ((c + 1) * C); first exact: mulr_gt0.
apply: near_imp hr => t _ h; apply: le_trans (_ : (c + 1) * r t <= _).
  by rewrite ler_wpmul2r // ler_addl.
by rewrite -mulrA ler_wpmul2l // ltW.
Qed.

Lemma big_le r s : (forall t, D t -> r t <= s t) -> big s -> big r.
Proof.
by move=> rs [C C0 h]; exists C => //; apply: near_imp h => t Dt; apply/le_trans/rs.
Qed.

Lemma big_sq c : 0 <= c -> big (fun t => t ^+ 2 * c).
Proof.
move=> c0; exists (c + 1); first by rewrite ltr_paddl.
by apply: near_all => t _; rewrite mulrC ler_wpmul2r ?sqr_ge0 // ler_addl.
Qed.

Lemma big_vanishes r : big r -> vanishes r.
Proof.
move=> [C C0 h] e e0.
apply: near_imp (near_and h (near_small (divr_gt0 e0 C0))) => t _ [h1 h2].
by apply: le_trans h1 _; rewrite mulrC -ler_pdivl_mulr.
Qed.

Lemma vanishes0 : vanishes (fun=> 0).
Proof. by move=> e e0; apply: near_all => t _; apply: ltW. Qed.

Lemma little0 : little (fun=> 0).
Proof. by move=> e e0; apply: near_all => t _; rewrite mulr_ge0 ?sqr_ge0 // ltW. Qed.

(* The combinations that the squared triangle inequality needs. *)
Lemma vanishes_two r s : (forall t, 0 <= r t) -> (forall t, 0 <= s t) ->
  vanishes r -> vanishes s -> vanishes (fun t => 2 * r t + 2 * s t).
Proof. by move=> r0 s0 hr hs; apply: vanishesD; apply: vanishesZ; rewrite ?ler0n. Qed.

Lemma little_two r s : (forall t, 0 <= r t) -> (forall t, 0 <= s t) ->
  little r -> little s -> little (fun t => 2 * r t + 2 * s t).
Proof. by move=> r0 s0 hr hs; apply: littleD; apply: littleZ; rewrite ?ler0n. Qed.

(* o(t^2) from a factor that vanishes and one that is O(t^2). *)
Lemma vanishes_big r s : (forall t, 0 <= r t) -> (forall t, 0 <= s t) ->
  vanishes r -> big s -> little (fun t => r t * s t).
Proof.
move=> r0 s0 vr [C C0 hs] e e0.
apply: near_imp (near_and (vr (e / C) (divr_gt0 e0 C0)) hs) => t _ [h1 h2].
apply: le_trans (_ : e / C * (C * t ^+ 2) <= _).
  by apply: ler_pmul.
by rewrite mulrA divfK ?gt_eqF.
Qed.

Lemma vanishesM r s : (forall t, 0 <= r t) -> (forall t, 0 <= s t) ->
  vanishes r -> vanishes s -> vanishes (fun t => r t * s t).
Proof.
move=> r0 s0 vr vs e e0.
apply: near_imp (near_and (vr e e0) (vs 1 ltr01)) => t _ [h1 h2].
by rewrite -[e]mulr1; apply: ler_pmul.
Qed.

End Near.

(** The domains: a whole neighbourhood of zero, and its positive half. *)
Definition around (R : realFieldType) (t : R) : Prop := True.
Definition above (R : realFieldType) (t : R) : Prop := 0 < t.

(** ** Convergence of matrices *)

Section Tends.
Variables (R : realFieldType) (D : R -> Prop).

Definition tends m n (f : R -> 'M[R]_(m, n)) (l : 'M[R]_(m, n)) : Prop :=
  vanishes D (fun t => nsq (f t - l)).

Lemma tends_const m n (l : 'M[R]_(m, n)) : tends (fun=> l) l.
Proof. by apply: vanishes_le (@vanishes0 _ D) => t _; rewrite subrr nsq0. Qed.

Lemma tends_ext m n (f g : R -> 'M[R]_(m, n)) l : (forall t, D t -> f t = g t) ->
  tends f l -> tends g l.
Proof. by move=> fg; apply: vanishes_le => t Dt; rewrite fg. Qed.

Lemma tendsD m n (f g : R -> 'M[R]_(m, n)) l k : tends f l -> tends g k ->
  tends (fun t => f t + g t) (l + k).
Proof.
move=> hf hg; apply: vanishes_le (vanishes_two _ _ hf hg) => t; rewrite ?nsq_ge0 // => _.
by rewrite opprD addrACA; apply: nsqD_le.
Qed.

Lemma tendsN m n (f : R -> 'M[R]_(m, n)) l : tends f l -> tends (fun t => - f t) (- l).
Proof. by apply: vanishes_le => t _; rewrite -opprD nsqN. Qed.

Lemma tendsM m n p (f : R -> 'M[R]_(m, n)) (g : R -> 'M[R]_(n, p)) l k :
  tends f l -> tends g k -> tends (fun t => f t *m g t) (l *m k).
Proof.
move=> hf hg.
pose b t := 4 * (nsq (f t - l) * nsq (g t - k)) + (4 * nsq k * nsq (f t - l) + 2 * nsq l * nsq (g t - k)).
apply: (@vanishes_le _ _ _ b) => [t _|]; last first.
  by apply: vanishesD; last apply: vanishesD; apply: vanishesZ; try pos;
    [apply: vanishesM; try pos | |].
have -> : f t *m g t - l *m k = ((f t - l) *m (g t - k) + (f t - l) *m k) + l *m (g t - k).
  by rewrite -mulmxDr subrK mulmxBl mulmxBr addrA subrK.
apply: le_trans (nsqD_le _ _) _; rewrite /b addrA ler_add //; last first.
  by rewrite -mulrA ler_pmul2l ?ltr0n // nsqM_le.
apply: le_trans (_ : 2 * (2 * nsq ((f t - l) *m (g t - k)) + 2 * nsq ((f t - l) *m k)) <= _).
  by rewrite ler_pmul2l ?ltr0n // nsqD_le.
have -> : 4 * (nsq (f t - l) * nsq (g t - k)) + 4 * nsq k * nsq (f t - l)
  = 2 * (2 * (nsq (f t - l) * nsq (g t - k)) + 2 * (nsq (f t - l) * nsq k)) by ring.
by rewrite ler_pmul2l ?ltr0n // ler_add // ler_pmul2l ?ltr0n // nsqM_le.
Qed.

Lemma tends_tr m n (f : R -> 'M[R]_(m, n)) l : tends f l -> tends (fun t => (f t)^T) l^T.
Proof. by apply: vanishes_le => t _; rewrite -linearB nsq_tr. Qed.

Lemma tends_sum m n k (f : 'I_k -> R -> 'M[R]_(m, n)) (l : 'I_k -> 'M[R]_(m, n)) :
  (forall i, tends (f i) (l i)) -> tends (fun t => \sum_i f i t) (\sum_i l i).
Proof.
elim: k f l => [|k IH] f l h.
  by apply: tends_ext (tends_const _) => t _; rewrite !big_ord0.
rewrite big_ord_recl; apply: tends_ext (tendsD (h ord0) (IH _ _ (fun i => h (lift ord0 i)))) => t _.
by rewrite big_ord_recl.
Qed.

(** Continuity at a point, and the composition of a limit with it. *)
Definition continuous_at m n p q (F : 'M[R]_(m, n) -> 'M[R]_(p, q)) (X : 'M[R]_(m, n)) : Prop :=
  forall eps, 0 < eps -> exists2 del : R, 0 < del &
    forall Y, nsq (Y - X) <= del -> nsq (F Y - F X) <= eps.

Lemma tends_comp m n p q (F : 'M[R]_(m, n) -> 'M[R]_(p, q)) f X :
  continuous_at F X -> tends f X -> tends (fun t => F (f t)) (F X).
Proof.
move=> cF hf e /cF[d d0 hd]; apply: near_imp (hf d d0) => t _; exact: hd.
Qed.

End Tends.

(** ** Derivatives at zero *)

Section Deriv.
Variable R : realFieldType.

Definition deriv m n (f : R -> 'M[R]_(m, n)) (f' : 'M[R]_(m, n)) : Prop :=
  little (@around R) (fun t => nsq (f t - f 0 - t *: f')).
Definition sderiv (f : R -> R) (f' : R) : Prop :=
  little (@around R) (fun t => (f t - f 0 - t * f') ^+ 2).

(** [F] has the differential [dF] at [X], and the scalar function [l] the gradient [G]. *)
Definition differential m n p q (F : 'M[R]_(m, n) -> 'M[R]_(p, q)) (X : 'M[R]_(m, n))
    (dF : 'M[R]_(m, n) -> 'M[R]_(p, q)) : Prop :=
  forall eps, 0 < eps -> exists2 del : R, 0 < del &
    forall V, nsq V <= del -> nsq (F (X + V) - F X - dF V) <= eps * nsq V.
Definition gradient m n (l : 'M[R]_(m, n) -> R) (X G : 'M[R]_(m, n)) : Prop :=
  forall eps, 0 < eps -> exists2 del : R, 0 < del &
    forall V, nsq V <= del -> (l (X + V) - l X - dot G V) ^+ 2 <= eps * nsq V.

Lemma nsq_scalar (c : R) : nsq (c%:M : 'M_1) = c ^+ 2.
Proof. by rewrite nsqE !big_ord_recl !big_ord0 !addr0 mxE mulr1n. Qed.

(* Scalars are matrices of size one. *)
Lemma sderivP f f' : sderiv f f' <-> deriv (fun t => (f t)%:M : 'M[R]_1) f'%:M.
Proof.
by split; apply: little_le => t _; rewrite -!raddfB -nsq_scalar /= scale_scalar_mx -?raddfB -?nsq_scalar.
Qed.

Lemma deriv_ext m n (f g : R -> 'M[R]_(m, n)) f' : near (@around R) (fun t => f t = g t) ->
  deriv f f' -> deriv g f'.
Proof.
move=> fg df e e0; have [d d0 hd] := fg.
have fg0 : f 0 = g 0 by apply: hd; rewrite // expr0n ltW.
by apply: near_imp (near_and fg (df e e0)) => t _ [<-]; rewrite fg0.
Qed.

Lemma deriv_const m n (A : 'M[R]_(m, n)) : deriv (fun=> A) 0.
Proof. by apply: little_le (@little0 _ _) => t _; rewrite scaler0 subr0 subrr nsq0. Qed.

Lemma deriv_line m n (A V : 'M[R]_(m, n)) : deriv (fun t => A + t *: V) V.
Proof.
by apply: little_le (@little0 _ _) => t _; rewrite scale0r addr0 [A + _]addrC addrK subrr nsq0.
Qed.

Lemma derivD m n (f g : R -> 'M[R]_(m, n)) f' g' : deriv f f' -> deriv g g' ->
  deriv (fun t => f t + g t) (f' + g').
Proof.
move=> hf hg; apply: little_le (little_two _ _ hf hg) => t; rewrite ?nsq_ge0 // => _.
by rewrite scalerDr !opprD (addrACA (f t)) (addrACA (f t - f 0)); apply: nsqD_le.
Qed.

Lemma derivN m n (f : R -> 'M[R]_(m, n)) f' : deriv f f' -> deriv (fun t => - f t) (- f').
Proof. by apply: little_le => t _; rewrite scalerN -!opprD nsqN. Qed.

Lemma deriv_tr m n (f : R -> 'M[R]_(m, n)) f' : deriv f f' -> deriv (fun t => (f t)^T) f'^T.
Proof. by apply: little_le => t _; rewrite -linearZ -!linearB nsq_tr. Qed.

(* A differentiable curve moves by O(t). *)
Lemma deriv_big m n (f : R -> 'M[R]_(m, n)) f' : deriv f f' ->
  big (@around R) (fun t => nsq (f t - f 0)).
Proof.
move=> df.
have b2 : big (@around R) (fun t => 2 * nsq (f t - f 0 - t *: f') + 2 * (t ^+ 2 * nsq f')).
  apply: bigD; apply: bigZ; try pos; first exact: little_big.
  by apply: big_sq; apply: nsq_ge0.
apply: big_le b2 => t _; rewrite -{1}[f t - f 0](subrK (t *: f')) -nsqZ.
exact: nsqD_le.
Qed.

(** Product rule, once for every bounded bilinear operation. *)
Section Bilinear.
Variables (m n p q r s : nat) (b : 'M[R]_(m, n) -> 'M[R]_(p, q) -> 'M[R]_(r, s)).
Hypothesis bBl : forall A A' B, b (A - A') B = b A B - b A' B.
Hypothesis bBr : forall A B B', b A (B - B') = b A B - b A B'.
Hypothesis bZl : forall t A B, b (t *: A) B = t *: b A B.
Hypothesis bZr : forall t A B, b A (t *: B) = t *: b A B.
Hypothesis b_le : forall A B, nsq (b A B) <= nsq A * nsq B.

Lemma deriv_bilinear f g f' g' : deriv f f' -> deriv g g' ->
  deriv (fun t => b (f t) (g t)) (b f' (g 0) + b (f 0) g').
Proof.
move=> df dg.
pose rf t := nsq (f t - f 0 - t *: f'); pose rg t := nsq (g t - g 0 - t *: g').
pose u t := 2 * (nsq (f t - f 0) * nsq (g t - g 0)) + (4 * nsq (g 0) * rf t + 4 * nsq (f 0) * rg t).
apply: (@little_le _ _ _ u) => [t _|]; last first.
  apply: littleD; last apply: littleD; apply: littleZ; try pos; try done.
  apply: vanishes_big; try pos; last exact: deriv_big dg.
  exact/big_vanishes/(deriv_big df).
have -> : b (f t) (g t) - b (f 0) (g 0) - t *: (b f' (g 0) + b (f 0) g')
   = b (f t - f 0) (g t - g 0) + (b (f t - f 0 - t *: f') (g 0) + b (f 0) (g t - g 0 - t *: g')).
  rewrite !bBl !bBr !bZl !bZr scalerDr; set x := b (f t) (g t); set y := b (f 0) (g 0).
  set v := b (f t) (g 0); set w := b (f 0) (g t).
  by apply/matrixP => i j; rewrite !mxE; ring.
apply: le_trans (nsqD_le _ _) _; rewrite /u ler_add //.
  by rewrite ler_pmul2l ?ltr0n // b_le.
have -> : 4 * nsq (g 0) * rf t + 4 * nsq (f 0) * rg t
  = 2 * (2 * (rf t * nsq (g 0)) + 2 * (nsq (f 0) * rg t)) by ring.
rewrite ler_pmul2l ?ltr0n //; apply: le_trans (nsqD_le _ _) _.
by rewrite ler_add // ler_pmul2l ?ltr0n // b_le.
Qed.
End Bilinear.

Lemma derivM m n p (f : R -> 'M[R]_(m, n)) (g : R -> 'M[R]_(n, p)) f' g' :
  deriv f f' -> deriv g g' -> deriv (fun t => f t *m g t) (f' *m g 0 + f 0 *m g').
Proof.
apply: (deriv_bilinear (b := mulmx)) => *.
- exact: mulmxBl. - exact: mulmxBr. - by rewrite -scalemxAl. - by rewrite -scalemxAr.
- exact: nsqM_le.
Qed.

Lemma sderiv_dot m n (f g : R -> 'M[R]_(m, n)) f' g' :
  deriv f f' -> deriv g g' -> sderiv (fun t => dot (f t) (g t)) (dot f' (g 0) + dot (f 0) g').
Proof.
move=> df dg; apply/sderivP; rewrite raddfD.
apply: (deriv_bilinear (b := fun A B => (dot A B)%:M)) df dg => *.
- by rewrite dotBl raddfB. - by rewrite dotBr raddfB.
- by rewrite dotZl scale_scalar_mx. - by rewrite dotZr scale_scalar_mx.
- by rewrite nsq_scalar cauchy.
Qed.

Lemma sderiv_nsq m n (f : R -> 'M[R]_(m, n)) f' : deriv f f' ->
  sderiv (fun t => nsq (f t)) (2 * dot (f 0) f').
Proof.
move=> df; have := sderiv_dot df df; rewrite (dotC f').
by have -> : dot (f 0) f' + dot (f 0) f' = 2 * dot (f 0) f' by ring.
Qed.

Lemma sderivD f g f' g' : sderiv f f' -> sderiv g g' -> sderiv (fun t => f t + g t) (f' + g').
Proof.
move=> /sderivP df /sderivP dg; apply/sderivP; rewrite raddfD.
by apply: deriv_ext (derivD df dg); apply: near_all => t _; rewrite raddfD.
Qed.

Lemma sderiv_const c : sderiv (fun=> c) 0.
Proof. by apply/sderivP; rewrite raddf0; apply: deriv_const. Qed.

Lemma sderiv_line a k : sderiv (fun t => a + k * t) k.
Proof.
apply: little_le (@little0 _ _) => t _; rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

Lemma sderivZ c f f' : sderiv f f' -> sderiv (fun t => c * f t) (c * f').
Proof.
move=> df; apply: little_le (littleZ (sqr_ge0 c) _ df) => [t _|t]; last exact: sqr_ge0.
by rewrite -exprMn le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

Lemma sderivB f g f' g' : sderiv f f' -> sderiv g g' -> sderiv (fun t => f t - g t) (f' - g').
Proof.
move=> df dg; have := sderivD df (sderivZ (-1) dg); rewrite mulN1r.
apply: little_le => t _; rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

Lemma sderiv_sum n (f : 'I_n -> R -> R) (f' : 'I_n -> R) : (forall i, sderiv (f i) (f' i)) ->
  sderiv (fun t => \sum_i f i t) (\sum_i f' i).
Proof.
elim: n f f' => [|n IH] f f' h.
  by apply: little_le (@little0 _ _) => t _; rewrite !big_ord0 mulr0 !subr0 expr0n.
rewrite big_ord_recl.
have := sderivD (h ord0) (IH (fun i => f (lift ord0 i)) _ (fun i => h (lift ord0 i))).
by apply: little_le => t _; rewrite !big_ord_recl.
Qed.

Lemma sderiv_ext f g f' : near (@around R) (fun t => f t = g t) -> sderiv f f' -> sderiv g f'.
Proof.
move=> fg /sderivP df; apply/sderivP; apply: deriv_ext df.
by apply: near_imp fg => t _ ->.
Qed.

(** Linear maps of matrices are bounded. *)
Lemma nsq_mxvec m n (A : 'M[R]_(m, n)) : nsq (mxvec A) = nsq A.
Proof.
rewrite !nsqE big_ord_recl big_ord0 addr0 pair_big /=.
rewrite (reindex _ (curry_mxvec_bij m n)) /=.
by apply: eq_bigr => [[i j]] _ /=; rewrite mxvecE.
Qed.

Lemma linear_bounded m n p q (F : 'M[R]_(m, n) -> 'M[R]_(p, q)) : linear F ->
  exists2 C, 0 <= C & forall V, nsq (F V) <= C * nsq V.
Proof.
move=> lF; exists (nsq (lin_mx (Linear lF))) => [|V]; first exact: nsq_ge0.
by have := nsqM_le (mxvec V) (lin_mx (Linear lF)); rewrite mul_vec_lin !nsq_mxvec mulrC.
Qed.

(** A differentiable function is continuous. *)
Definition scontinuous_at m n (l : 'M[R]_(m, n) -> R) (X : 'M[R]_(m, n)) : Prop :=
  forall eps, 0 < eps -> exists2 del : R, 0 < del &
    forall Y, nsq (Y - X) <= del -> (l Y - l X) ^+ 2 <= eps.

Lemma differential_continuous m n p q (F : 'M[R]_(m, n) -> 'M[R]_(p, q)) X dF :
  linear dF -> differential F X dF -> continuous_at F X.
Proof.
move=> lF hF e e0; have [C C0 hC] := linear_bounded lF.
have [d d0 hd] := hF 1 ltr01; have k0 : 0 < 2 + 2 * C by rewrite ltr_paddr ?mulr_ge0 ?ltr0n ?ler0n.
exists (Num.min d (e / (2 + 2 * C))) => [|Y]; first by rewrite lt_minr d0 divr_gt0.
rewrite le_minr ler_pdivl_mulr // => /andP[/hd h small].
rewrite [X + _]addrC subrK mul1r in h; set V := Y - X in h small *.
have -> : F Y - F X = (F Y - F X - dF V) + dF V by rewrite subrK.
apply: le_trans (nsqD_le _ _) _; apply: le_trans small.
have -> : nsq V * (2 + 2 * C) = 2 * nsq V + 2 * (C * nsq V) by ring.
by rewrite ler_add // ler_pmul2l ?ltr0n.
Qed.

Lemma gradient_continuous m n (l : 'M[R]_(m, n) -> R) X G : gradient l X G -> scontinuous_at l X.
Proof.
move=> hl e e0.
have lin : linear (fun V : 'M[R]_(m, n) => (dot G V)%:M : 'M[R]_1).
  by move=> c U V; rewrite dotDr dotZr raddfD /= scale_scalar_mx.
have dif : differential (fun Y => (l Y)%:M : 'M[R]_1) X (fun V => (dot G V)%:M).
  by move=> e' /hl[d d0 hd]; exists d => // V /hd; rewrite -nsq_scalar !raddfB.
have [d d0 hd] := differential_continuous lin dif e0.
by exists d => // Y /hd; rewrite -raddfB nsq_scalar.
Qed.

(** Chain rule. *)
Lemma deriv_comp m n p q (F : 'M[R]_(m, n) -> 'M[R]_(p, q)) dF f f' : linear dF ->
  differential F (f 0) dF -> deriv f f' -> deriv (fun t => F (f t)) (dF f').
Proof.
move=> lF hF df; have [C C0 hC] := linear_bounded lF.
have [K K0 hK] := deriv_big df.
have l1 : little (@around R) (fun t => nsq (F (f t) - F (f 0) - dF (f t - f 0))).
  move=> e e0; have [d d0 hd] := hF (e / K) (divr_gt0 e0 K0).
  have vf := big_vanishes (deriv_big df).
  apply: near_imp (near_and (vf d d0) hK) => t _ [h1 h2].
  have := hd (f t - f 0) h1; rewrite [f 0 + _]addrC subrK => h; apply: le_trans h _.
  apply: le_trans (_ : e / K * (K * t ^+ 2) <= _).
    by rewrite ler_wpmul2l // divr_ge0 // ltW.
  by rewrite mulrA divfK ?gt_eqF.
have l2 : little (@around R) (fun t => C * nsq (f t - f 0 - t *: f')).
  by apply: littleZ => // t; apply: nsq_ge0.
apply: little_le (little_two _ _ l1 l2) => t; rewrite ?mulr_ge0 ?nsq_ge0 // => _.
have -> : F (f t) - F (f 0) - t *: dF f' =
  (F (f t) - F (f 0) - dF (f t - f 0)) + dF (f t - f 0 - t *: f').
  have -> : dF (f t - f 0 - t *: f') = dF (f t - f 0) - t *: dF f'.
    by rewrite addrC -scaleNr lF scaleNr addrC.
  by rewrite addrA subrK.
by apply: le_trans (nsqD_le _ _) _; rewrite ler_add // ler_pmul2l ?ltr0n.
Qed.

Lemma sderiv_comp m n (l : 'M[R]_(m, n) -> R) G f f' :
  gradient l (f 0) G -> deriv f f' -> sderiv (fun t => l (f t)) (dot G f').
Proof.
move=> hl df; apply/sderivP.
apply: (deriv_comp (F := fun X => (l X)%:M) (dF := fun V => (dot G V)%:M)) df => [c U V|e e0].
  by rewrite dotDr dotZr raddfD /= scale_scalar_mx.
have [d d0 hd] := hl e e0; exists d => // V /hd.
by rewrite -nsq_scalar !raddfB.
Qed.

(* First-order condition: a derivative at a minimum is zero. *)
Lemma sderiv_min f f' : sderiv f f' -> near (@around R) (fun t => f 0 <= f t) -> f' = 0.
Proof.
move=> df mf; case: (eqVneq f' 0) => // f0; exfalso.
have e0 : 0 < f' ^+ 2 / 4 by rewrite divr_gt0 ?ltr0n // exprn_even_gt0.
have [d d0 hd] := near_and (df _ e0) mf.
(* step against the slope *)
pose k := Num.min 1 d / (f' ^+ 2 + 1).
have q0 : 0 < f' ^+ 2 + 1 by apply: ltr_paddl ltr01; apply: sqr_ge0.
have m0 : 0 < Num.min 1 d by rewrite lt_minr ltr01.
have k0 : 0 < k by rewrite divr_gt0.
have [|h1 h2] := hd (- k * f') I.
  have -> : (- k * f') ^+ 2 = k ^+ 2 * f' ^+ 2 by ring.
  have kq : k * (f' ^+ 2 + 1) = Num.min 1 d by rewrite divfK ?gt_eqF.
  have k1 : k <= 1.
    by rewrite -(ler_pmul2r q0) kq mul1r le_minl ler_addr sqr_ge0.
  apply: le_trans (_ : k * (f' ^+ 2 + 1) <= _); last by rewrite kq le_minl lexx orbT.
  rewrite expr2 -mulrA ler_pmul2l //; apply: le_trans (_ : f' ^+ 2 <= _).
    by rewrite ger_pmull // exprn_even_gt0.
  by rewrite ler_addl; exact: ler01.
have s0 : 0 < k * f' ^+ 2 by rewrite mulr_gt0 // exprn_even_gt0.
move: h1; rewrite leNgt => /negP; apply.
have big' : k * f' ^+ 2 <= f (- k * f') - f 0 - - k * f' * f'.
  rewrite -subr_ge0; have -> : f (- k * f') - f 0 - - k * f' * f' - k * f' ^+ 2 = f (- k * f') - f 0 by ring.
  by rewrite subr_ge0.
apply: lt_le_trans (_ : (k * f' ^+ 2) ^+ 2 <= _); last first.
  by rewrite ler_sqr ?nnegrE // ?(ltW s0) // (le_trans _ big') // ltW.
have -> : f' ^+ 2 / 4 * (- k * f') ^+ 2 = (k * f' ^+ 2) ^+ 2 / 4 by field.
rewrite ltr_pdivr_mulr ?ltr0n // ltr_pmulr ?exprn_gt0 //.
exact: (ltr_nat R 1 4).
Qed.

(* Derivatives are unique. *)
Lemma sderiv_unique f c d : sderiv f c -> sderiv f d -> c = d.
Proof.
move=> hc hd; apply/eqP; rewrite -subr_eq0; apply/eqP.
have := sderivB hc hd => h; apply: (sderiv_min h).
by apply: near_all => t _; rewrite !subrr.
Qed.

(** Derivative of the inverse of a curve of matrices. *)
Section Inverse.
Variable k : nat.

(* Near a nonsingular matrix all matrices are nonsingular, with bounded inverses. *)
Lemma inverse_bound (K L : 'M[R]_k) : K \in unitmx ->
  4 * nsq (invmx K) * nsq (L - K) <= 1 ->
  L \in unitmx /\ nsq (invmx L) <= 4 * nsq (invmx K) * nsq (1%:M : 'M[R]_k).
Proof.
move=> uK small; set c := nsq (invmx K) in small *.
have key p (Y : 'M_(k, p)) : nsq Y <= 4 * c * nsq (L *m Y).
  have e : Y = invmx K *m (L *m Y) + invmx K *m ((K - L) *m Y).
    by rewrite -mulmxDr -mulmxDl addrC subrK mulKmx.
  have h : nsq Y <= 2 * (c * nsq (L *m Y)) + 2 * (c * (nsq (L - K) * nsq Y)).
    rewrite {1}e; apply: le_trans (nsqD_le _ _) _; rewrite ler_add // ler_pmul2l ?ltr0n //.
      exact: nsqM_le.
    apply: le_trans (nsqM_le _ _) _; rewrite ler_wpmul2l ?nsq_ge0 //.
    by rewrite (nsq_sym L); apply: nsqM_le.
  have h2 : 4 * c * nsq (L - K) * nsq Y <= nsq Y.
    by rewrite ler_pimull // nsq_ge0.
  rewrite -subr_ge0.
  have -> : 4 * c * nsq (L *m Y) - nsq Y =
    2 * (2 * (c * nsq (L *m Y)) + 2 * (c * (nsq (L - K) * nsq Y)) - nsq Y)
    + (nsq Y - 4 * c * nsq (L - K) * nsq Y) by ring.
  by rewrite addr_ge0 ?subr_ge0 // mulr_ge0 ?ler0n // subr_ge0.
have uL : L \in unitmx.
  rewrite -unitmx_tr -row_free_unit; apply/inj_row_free => v v0.
  apply: trmx_inj; apply/eqP; rewrite trmx0 -nsq_eq0 eq_le nsq_ge0 andbT.
  apply: le_trans (key _ _) _; rewrite -[L]trmxK -trmx_mul v0 trmx0 nsq0 mulr0; by [].
by split=> //; have := key _ (invmx L); rewrite mulmxV.
Qed.

Lemma near_unit (f : R -> 'M[R]_k) f' : deriv f f' -> f 0 \in unitmx ->
  near (@around R) (fun t => f t \in unitmx /\
    nsq (invmx (f t)) <= 4 * nsq (invmx (f 0)) * nsq (1%:M : 'M[R]_k)).
Proof.
move=> df u0; set c := nsq (invmx (f 0)).
have v := vanishesZ (mulr_ge0 (ler0n R 4) (nsq_ge0 _ : 0 <= c)) (fun t => nsq_ge0 (f t - f 0))
  (big_vanishes (deriv_big df)).
by apply: near_imp (v 1 ltr01) => t _; apply: inverse_bound.
Qed.

Lemma deriv_inv (f : R -> 'M[R]_k) f' : deriv f f' -> f 0 \in unitmx ->
  deriv (fun t => invmx (f t)) (- (invmx (f 0) *m f' *m invmx (f 0))).
Proof.
move=> df u0; set K := f 0; set X := invmx K; set c := nsq X.
have [C C0 hC] : exists2 C, 0 <= C & near (@around R) (fun t => f t \in unitmx /\ nsq (invmx (f t)) <= C).
  eexists; last exact: near_unit df u0.
  by rewrite !mulr_ge0 ?nsq_ge0 ?ler0n.
pose rem t := nsq (f t - K - t *: f').
have l : little (@around R) (fun t => 2 * (c ^+ 2 * rem t) +
    2 * (C * c ^+ 2 * (nsq (f t - K) * nsq (f t - K)))).
  apply: littleD; apply: littleZ; try pos; apply: littleZ; try pos; first by [].
  apply: vanishes_big; try pos; last exact: deriv_big df.
  exact/big_vanishes/(deriv_big df).
move=> e e0; apply: near_imp (near_and hC (l e e0)) => t _ [[ut bt] lt].
apply: le_trans lt; set Y := invmx (f t); set Z := f t - K.
have eY : Y = X - Y *m Z *m X.
  by rewrite /Z mulmxBr mulmxBl mulVmx // mul1mx -mulmxA mulmxV // mulmx1 opprB addrC subrK.
have -> : Y - X - t *: - (X *m f' *m X) = - (X *m (Z - t *: f') *m X) + Y *m Z *m X *m Z *m X.
  have e1 : Y - X = - (X *m Z *m X) + Y *m Z *m X *m Z *m X.
    by rewrite {1}eY addrAC subrr add0r {1}eY !mulmxBl opprB addrC.
  rewrite e1 scalerN opprK (mulmxBr X Z) mulmxBl -scalemxAr -scalemxAl opprB.
  by rewrite addrC addrA.
apply: le_trans (nsqD_le _ _) _; rewrite ler_add // ler_pmul2l ?ltr0n //.
  rewrite nsqN; apply: le_trans (nsqM_le _ _) _.
  have -> : c ^+ 2 * rem t = c * rem t * c by ring.
  by rewrite ler_wpmul2r ?nsq_ge0 // nsqM_le.
apply: le_trans (nsqM_le _ _) _.
have -> : C * c ^+ 2 * (nsq Z * nsq Z) = C * nsq Z * c * nsq Z * c by ring.
rewrite ler_wpmul2r ?nsq_ge0 //; apply: le_trans (nsqM_le _ _) _.
rewrite ler_wpmul2r ?nsq_ge0 //; apply: le_trans (nsqM_le _ _) _.
rewrite ler_wpmul2r ?nsq_ge0 //; apply: le_trans (nsqM_le _ _) _.
by rewrite ler_wpmul2r ?nsq_ge0.
Qed.

End Inverse.
End Deriv.
