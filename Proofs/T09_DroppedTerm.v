(** * T9: the error of IL-prox *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T08_UpdatedFeedback.

(** [delta] is backpropagated through the *updated* weights at the inferred activities, which
    T7 makes the feedforward activities of the updated weights; [prox_defect n] is [d_(n+1)]. *)
Definition prox_defect (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (Wb : weights net) (h : activities net) n : 'M[R]_(units net n.+1, B) :=
  alpha^-1 *: scaled_err Wb h n + delta bw (updated Wb h) h n.+1.

Theorem T09_batch (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (Wb : weights net) (h : activities net) :
  let d := prox_defect bw alpha Wb h in let del := delta bw (updated Wb h) h in
  alpha != 0 -> h 0%N = input net ->
  (forall n, (n < depth net)%N -> gram h n \in unitmx) ->
  il_prox_equilibrium bw alpha Wb h ->
  [/\ (* the output layer has no defect *)
      forall n, n.+1 = depth net -> d n = 0,
      (* the recursion *)
      forall n, (n.+1 < depth net)%N -> d n = bact bw (h n.+1)
        ((Wb n.+1)^T *m d n.+1 + act (h n.+1) *m ((scaled_err Wb h n.+1)^T *m del n.+2))
    & (* the implicit residual of each weight matrix *)
      forall n, (n < depth net)%N ->
        (updated Wb h n - Wb n) + alpha *: gradW bw (updated Wb h) n
        = alpha *: (d n *m (act (h n))^T)].
Proof.
move=> d del a0 h0 uK eq; split=> n.
- move=> en; have ln : (n < depth net)%N by rewrite -en.
  by have := eq n ln; rewrite /inference_field (from_above_top bw alpha Wb Wb (updated Wb h) h en).
- move=> lt; have ln : (n < depth net)%N by apply: ltnW.
  have := eq n ln; rewrite /inference_field from_above_hidden // => /eqP; rewrite subr_eq0 => /eqP f.
  rewrite /d /prox_defect f (delta_step bw _ h lt) -/del updated_scaled ?uK //.
  rewrite linearD /= trmx_mul trmxK mulmxDl -mulmxA -bactZ -bactD.
  by rewrite mulmxDr -scalemxAr addrA.
- move=> ln; have fh := forward_updated (gram_admissible Wb h0 uK).
  have -> : gradW bw (updated Wb h) n = del n.+1 *m (act (h n))^T.
    rewrite /gradW (fh n (ltnW ln)); congr (_ *m _).
    by apply: back_same => // k lk; rewrite fh.
  rewrite updated_scaled ?uK // (addrAC (Wb n)) subrr add0r /d /prox_defect mulmxDl scalerDr.
  by rewrite -scalemxAl scalerA divff // scale1r.
Qed.

(** One example, as on the page: [d_n = act'(h_n)^* (W_n^T d_(n+1) + bar a_n (e_(n+1)^T delta_(n+1)) / s_n)]. *)
Theorem T09_dropped_term (R : realFieldType) (net : network R 1) (bw : backward net)
    (alpha : R) (Wb : weights net) (h : activities net) :
  let s n := nsq (act (h n)) in
  let d n := alpha^-1 *: ((s n)^-1 *: err Wb h n) + delta bw (updated Wb h) h n.+1 in
  alpha != 0 -> h 0%N = input net -> (forall n, (n < depth net)%N -> s n != 0) ->
  il_prox_equilibrium bw alpha Wb h ->
  [/\ forall n, n.+1 = depth net -> d n = 0,
      forall n, (n.+1 < depth net)%N -> d n = bact bw (h n.+1)
        ((Wb n.+1)^T *m d n.+1
         + (dot (err Wb h n.+1) (delta bw (updated Wb h) h n.+2) / s n.+1) *: act (h n.+1))
    & forall n, (n < depth net)%N ->
        (updated Wb h n - Wb n) + alpha *: gradW bw (updated Wb h) n
        = alpha *: (d n *m (act (h n))^T)].
Proof.
move=> s d a0 h0 s0 eq.
have uK n : (n < depth net)%N -> gram h n \in unitmx.
  by move=> ln; rewrite /gram gram_col unitmxE det_scalar1 unitfE s0.
have dE n : (n < depth net)%N -> d n = prox_defect bw alpha Wb h n.
  by move=> ln; rewrite /d /prox_defect; have [-> _] := T08_field_single Wb (s0 n ln).
have [t1 t2 t3] := T09_batch a0 h0 uK eq; split=> n.
- by move=> en; rewrite dE ?t1 // -en.
- move=> lt; rewrite dE ?(ltnW lt) // t2 // dE //; congr (bact _ _ (_ + _)).
  have [-> _] := T08_field_single Wb (s0 _ lt).
  rewrite linearZ /= -scalemxAl -scalemxAr mulrC -scalerA; congr (_ *: _).
  rewrite [X in act _ *m X = _]mx11_scalar mul_mx_scalar; congr (_ *: _).
  by rewrite -trace_mx11 mxtrace_mulC -mxtrace_tr trmx_mul trmxK /dot.
- by move=> ln; rewrite dE // t3.
Qed.

(** ** Second order in the learning rate *)

Section SecondOrder.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net) (Wb : weights net).
Variables (alpha0 C : R) (h : R -> activities net).

(** Small learning rates, and functions of them that are [O(alpha^p)]. *)
Definition small (alpha : R) : Prop := 0 < alpha /\ alpha <= alpha0.
Definition order_of (p : nat) (f : R -> R) : Prop :=
  exists2 K, 0 <= K & forall alpha, small alpha -> f alpha <= K * alpha ^+ p.

(** A family of IL-prox equilibria along which the rates, the derivatives of the activations (as the
    bound of the linear map [bact]) and the gradient of the loss stay bounded. *)
Definition bounded_equilibria : Prop := forall alpha, small alpha ->
  [/\ h alpha 0%N = input net,
      forall n, (n < depth net)%N -> gram (h alpha) n \in unitmx,
      il_prox_equilibrium bw alpha Wb (h alpha),
      forall n, (n < depth net)%N -> nsq (act (h alpha n)) <= C /\
        forall U, nsq (bact bw (h alpha n) U) <= C * nsq U
    & nsq (gloss bw (h alpha (depth net))) <= C].

Hypothesis fam : bounded_equilibria.
Hypothesis alpha0_gt0 : 0 < alpha0.
Hypothesis C0 : 0 <= C.

Let le_order p f g : (forall alpha, small alpha -> f alpha <= g alpha) -> order_of p g -> order_of p f.
Proof. by move=> fg [K K0 hK]; exists K => // a sa; apply: le_trans (fg a sa) (hK a sa). Qed.

Let orderD p f g : order_of p f -> order_of p g -> order_of p (fun a => f a + g a).
Proof.
move=> [K K0 hK] [L L0 hL]; exists (K + L); first exact: addr_ge0.
by move=> a sa; rewrite mulrDl ler_add // ?hK ?hL.
Qed.

Let orderZ p c f : 0 <= c -> order_of p f -> order_of p (fun a => c * f a).
Proof.
move=> c0 [K K0 hK]; exists (c * K); first exact: mulr_ge0.
by move=> a sa; rewrite -mulrA ler_wpmul2l // hK.
Qed.

Let orderM p q f g : (forall a, 0 <= f a) -> (forall a, 0 <= g a) ->
  order_of p f -> order_of q g -> order_of (p + q) (fun a => f a * g a).
Proof.
move=> f0 g0 [K K0 hK] [L L0 hL]; exists (K * L); first exact: mulr_ge0.
by move=> a sa; rewrite exprD mulrACA ler_pmul // ?hK ?hL.
Qed.

Let order_const c : 0 <= c -> order_of 0 (fun=> c).
Proof. by move=> c0; exists c => // a _; rewrite expr0 mulr1. Qed.

(* Positive powers are bounded. *)
Let order_down p f : order_of p f -> order_of 0 f.
Proof.
move=> [K K0 hK]; exists (K * alpha0 ^+ p) => [|a [a0 aA]].
  by rewrite mulr_ge0 // exprn_ge0 // ltW.
rewrite expr0 mulr1; apply: le_trans (hK a _) _; first by split.
by rewrite ler_wpmul2l // ler_expn2r ?nnegrE // ltW.
Qed.

Let sq_ge0 m n (f : R -> 'M[R]_(m, n)) a : 0 <= nsq (f a).
Proof. exact: nsq_ge0. Qed.

Let G n a := scaled_err Wb (h a) n.
Let del n a := delta bw (updated Wb (h a)) (h a) n.

(* The scaled errors are O(alpha): at the output by the proximal point, and downwards. *)
Let scaled_order n : (n < depth net)%N -> order_of 2 (fun a => nsq (G n a)).
Proof.
elim: {n}(depth net - n)%N {-2}n (erefl (depth net - n)%N) => [|j IH] n e ln.
  by rewrite -subn_gt0 e in ln.
case: (eqVneq n.+1 (depth net)) => [en|ne].
  exists C => // a sa; have [_ _ eq _ gl] := fam sa; have [a0 _] := sa.
  have := eq n ln; rewrite /inference_field => /eqP; rewrite addr_eq0 => /eqP f0.
  have -> : G n a = - (a *: from_above bw a Wb Wb (h a) n.+1).
    by rewrite -scalerN -f0 scalerA divff ?gt_eqF // scale1r.
  rewrite nsqN nsqZ mulrC ler_wpmul2r ?sqr_ge0 //; apply: le_trans gl.
  by rewrite /from_above en eqxx conform_nsq_le.
have lt : (n.+1 < depth net)%N by rewrite ltn_neqAle ne.
apply: le_order (orderZ (mulr_ge0 C0 (nsq_ge0 (Wb n.+1)^T)) (IH n.+1 _ lt)); last by rewrite subnS e.
move=> a sa; have [_ _ eq bd _] := fam sa.
have := eq n ln; rewrite /inference_field from_above_hidden // => /eqP; rewrite subr_eq0 => /eqP f.
have a0 : a != 0 by case: sa => a0 _; rewrite gt_eqF.
have -> : G n a = bact bw (h a n.+1) ((Wb n.+1)^T *m G n.+1 a).
  by rewrite -[LHS]scale1r -(divff a0) -scalerA f scalerA divff // scale1r.
apply: le_trans ((bd _ lt).2 _) _; rewrite -mulrA ler_wpmul2l //.
exact: nsqM_le.
Qed.

(* So the updated weights stay bounded, *)
Let updated_order n : (n < depth net)%N -> order_of 0 (fun a => nsq (updated Wb (h a) n)).
Proof.
move=> ln; pose g a := 2 * nsq (Wb n) + 2 * (C * nsq (G n a)).
apply: (@le_order _ _ g) => [a sa|].
  have [_ uK _ bd _] := fam sa; rewrite updated_scaled ?uK //; apply: le_trans (nsqD_le _ _) _.
  rewrite ler_add2l ler_pmul2l ?ltr0n //; apply: le_trans (nsqM_le _ _) _.
  by rewrite nsq_tr mulrC ler_wpmul2r ?nsq_ge0 // (bd n ln).1.
apply: orderD; first by apply: order_const; rewrite mulr_ge0 ?nsq_ge0 ?ler0n.
by apply: orderZ; rewrite ?ler0n //; apply: orderZ => //; apply: order_down (scaled_order ln).
Qed.

(* and with them the backpropagated errors. *)
Let delta_order n : (n < depth net)%N -> order_of 0 (fun a => nsq (del n.+1 a)).
Proof.
elim: {n}(depth net - n)%N {-2}n (erefl (depth net - n)%N) => [|j IH] n e ln.
  by rewrite -subn_gt0 e in ln.
case: (eqVneq n.+1 (depth net)) => [en|ne].
  exists C => // a sa; have [_ _ _ _ gl] := fam sa; rewrite expr0 mulr1; apply: le_trans gl.
  rewrite /del /delta; have -> : (depth net - n.+1 = 0)%N by rewrite en subnn.
  exact: conform_nsq_le.
have lt : (n.+1 < depth net)%N by rewrite ltn_neqAle ne.
have en : (depth net - n.+1 = j)%N by rewrite subnS e.
have o := orderM (fun a => nsq_ge0 (updated Wb (h a) n.+1)) (sq_ge0 (del n.+2)) (updated_order lt) (IH _ en lt).
apply: le_order (orderZ C0 o) => a sa; have [_ _ _ bd _] := fam sa.
rewrite /del (delta_step bw _ (h a) lt); apply: le_trans ((bd _ lt).2 _) _.
by rewrite ler_wpmul2l // -(nsq_tr (updated Wb (h a) n.+1)) nsqM_le.
Qed.

(* By the recursion of T9 the defects are O(alpha). *)
Let defect_order n : (n < depth net)%N -> order_of 2 (fun a => nsq (prox_defect bw a Wb (h a) n)).
Proof.
have t9 a : small a -> _ := fun sa => let: And5 h0 uK eq _ _ := fam sa in
  T09_batch (lt0r_neq0 sa.1) h0 uK eq.
elim: {n}(depth net - n)%N {-2}n (erefl (depth net - n)%N) => [|j IH] n e ln.
  by rewrite -subn_gt0 e in ln.
case: (eqVneq n.+1 (depth net)) => [en|ne].
  by exists 0 => // a /t9[d0 _ _]; rewrite d0 // nsq0 mul0r.
have lt : (n.+1 < depth net)%N by rewrite ltn_neqAle ne.
have en : (depth net - n.+1 = j)%N by rewrite subnS e.
have o := orderM (sq_ge0 (G n.+1)) (sq_ge0 (del n.+2)) (scaled_order lt) (delta_order lt).
rewrite addn0 in o.
have o1 := orderZ (mulr_ge0 (ler0n R 2) (nsq_ge0 (Wb n.+1))) (IH n.+1 en lt).
have o2 := orderZ (mulr_ge0 (ler0n R 2) C0) o.
apply: le_order (orderZ C0 (orderD o1 o2)) => a sa; have [_ _ _ bd _] := fam sa.
have [_ rec _] := t9 a sa; rewrite (rec n lt); apply: le_trans ((bd _ lt).2 _) _.
rewrite ler_wpmul2l //; apply: le_trans (nsqD_le _ _) _; rewrite -!mulrA ler_add //.
  by rewrite ler_pmul2l ?ltr0n // -(nsq_tr (Wb n.+1)) nsqM_le.
rewrite ler_pmul2l ?ltr0n //; apply: le_trans (nsqM_le _ _) _.
apply: ler_pmul; rewrite ?nsq_ge0 //; first exact: (bd _ lt).1.
by rewrite -(nsq_tr (G n.+1 a)) nsqM_le.
Qed.

Lemma residual_order n : (n < depth net)%N -> order_of 4 (fun a =>
  nsq ((updated Wb (h a) n - Wb n) + a *: gradW bw (updated Wb (h a)) n)).
Proof.
move=> ln; have [K K0 hK] := defect_order ln; exists (K * C); first exact: mulr_ge0.
move=> a sa; have [h0 uK eq bd _] := fam sa.
have [_ _ ->] := T09_batch (lt0r_neq0 sa.1) h0 uK eq => //.
have -> : K * C * a ^+ 4 = a ^+ 2 * (K * a ^+ 2 * C) by ring.
rewrite nsqZ ler_wpmul2l ?sqr_ge0 //; apply: le_trans (nsqM_le _ _) _.
by rewrite nsq_tr ler_pmul ?nsq_ge0 // ?hK // (bd n ln).1.
Qed.

End SecondOrder.

(** Along such a family the implicit residual of every layer is [O(alpha^2)]; here in squared norms. *)
Theorem T09_second_order (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (Wb : weights net) (alpha0 C : R) (h : R -> activities net) :
  0 < alpha0 -> 0 <= C -> bounded_equilibria bw Wb alpha0 C h ->
  forall n, (n < depth net)%N -> exists K, forall alpha, 0 < alpha -> alpha <= alpha0 ->
    nsq ((updated Wb (h alpha) n - Wb n) + alpha *: gradW bw (updated Wb (h alpha)) n)
      <= K * alpha ^+ 4.
Proof.
move=> a0 C0 fam n ln; have [K _ hK] := residual_order fam a0 C0 ln.
by exists K => a ap aA; apply: hK.
Qed.
