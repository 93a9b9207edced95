(** * T14: the nudging limit *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T05_LinearRegression.

(** Joint continuity of a function of two matrices. *)
Definition continuous2_at (R : realFieldType) m n p q r s
    (F : 'M[R]_(m, n) -> 'M[R]_(p, q) -> 'M[R]_(r, s)) X U : Prop :=
  forall eps, 0 < eps -> exists2 del : R, 0 < del &
    forall Y Z, nsq (Y - X) <= del -> nsq (Z - U) <= del -> nsq (F Y Z - F X U) <= eps.

Lemma tends_comp2 (R : realFieldType) (D : R -> Prop) m n p q r s
    (F : 'M[R]_(m, n) -> 'M[R]_(p, q) -> 'M[R]_(r, s)) X U f g :
  continuous2_at F X U -> tends D f X -> tends D g U -> tends D (fun t => F (f t) (g t)) (F X U).
Proof.
move=> cF hf hg e /cF[d d0 hd]; apply: near_imp (near_and (hf d d0) (hg d d0)) => t _ [h1 h2].
exact: hd.
Qed.

Section Nudging.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net).
Variables (W : weights net) (beta0 : R).

(** Small positive nudging strengths. *)
Definition nudges (beta : R) : Prop := 0 < beta /\ beta <= beta0.

(** Equilibrium of [beta loss(h_N) + 1/2 sum ||e_n||^2]: [e_N = - beta grad loss],
    [e_n = act'(h_n)^* (W_n^T e_(n+1))]. *)
Definition nudged_equilibrium (beta : R) (h : activities net) : Prop :=
  forall n, (n < depth net)%N -> err W h n =
    if n.+1 == depth net then - (beta *: conform_mx 0 (gloss bw (h (depth net))))
    else bact bw (h n.+1) ((W n.+1)^T *m err W h n.+1).
Definition nudged_energy (beta : R) (h : activities net) : R :=
  beta * loss (h (depth net)) + 2^-1 * \sum_(n < depth net) nsq (err W h n).

Variable ht : R -> activities net.
Let p := forward W.
Hypothesis loss_ge0 : forall X, 0 <= @loss _ _ net X.
Hypothesis clamped : forall beta, nudges beta -> ht beta 0%N = input net.
Hypothesis eq : forall beta, nudges beta -> nudged_equilibrium beta (ht beta).
Hypothesis descent : forall beta, nudges beta ->
  nudged_energy beta (ht beta) <= nudged_energy beta p.
Hypothesis act_cont : forall n, (n < depth net)%N -> continuous_at (@act _ _ net n) (p n).
Hypothesis bact_cont : forall n U, (n < depth net)%N -> continuous2_at (@bact _ _ _ bw n) (p n) U.
Hypothesis gloss_cont : continuous_at (gloss bw) (p (depth net)).

(* At the feedforward pass the energy is [beta L]. *)
Lemma nudged_start beta : nudged_energy beta p = beta * lossW W.
Proof.
rewrite /nudged_energy big1 ?mulr0 ?addr0 // => n _.
by rewrite /err /p /= subrr nsq0.
Qed.

Lemma errors_vanish n : (n < depth net)%N -> tends nudges (fun b => err W (ht b) n) 0.
Proof.
move=> ln e e0; set L := lossW W.
have L0 : 0 <= L by apply: loss_ge0.
have L1 : 0 < 2 * (L + 1) by rewrite mulr_gt0 ?ltr0n // ltr_paddl ?ltr01.
have d0 : 0 < e / (2 * (L + 1)) by rewrite divr_gt0.
apply: near_imp (near_small _ (exprn_gt0 2 d0)) => b nb small.
have b0 : 0 < b by case: nb.
have bd : b <= e / (2 * (L + 1)) by rewrite -ler_sqr ?nnegrE // ltW.
rewrite subr0; apply: le_trans (_ : \sum_(k < depth net) nsq (err W (ht b) k) <= _).
  rewrite (bigD1 (Ordinal ln)) //= ler_addl.
  by apply: sumr_ge0 => k _; apply: nsq_ge0.
have := descent nb; rewrite nudged_start /nudged_energy; set S := \sum_(k < _) _ => h.
have hS : 2^-1 * S <= b * L.
  by apply: le_trans h; rewrite ler_addr mulr_ge0 ?loss_ge0 // ltW.
apply: le_trans (_ : 2 * (b * L) <= _).
  by rewrite mulrC -ler_pdivr_mulr ?ltr0n // mulrC.
apply: le_trans (_ : b * (2 * (L + 1)) <= _); last by rewrite -ler_pdivl_mulr.
rewrite mulrCA ler_wpmul2l ?(ltW b0) // ler_wpmul2l ?ler0n // ler_addl; exact: ler01.
Qed.

Lemma activities_tend n : (n <= depth net)%N -> tends nudges (fun b => ht b n) (p n).
Proof.
elim: n => [_|n IH ln].
  by apply: tends_ext (tends_const _ _) => b nb; rewrite clamped.
have t := tendsD (errors_vanish ln)
  (tendsM (tends_const nudges (W n)) (tends_comp (act_cont ln) (IH (ltnW ln)))).
rewrite add0r in t; apply: tends_ext t => b _.
by rewrite /err subrK.
Qed.

Lemma scaled_tend n : (n < depth net)%N ->
  tends nudges (fun b => b^-1 *: err W (ht b) n) (- delta bw W p n.+1).
Proof.
elim: {n}(depth net - n)%N {-2}n (erefl (depth net - n)%N) => [|j IH] n e ln.
  by rewrite -subn_gt0 e in ln.
case: (eqVneq n.+1 (depth net)) => [en|ne].
  have -> : delta bw W p n.+1 = conform_mx 0 (gloss bw (p (depth net))).
    by rewrite /delta; have -> : (depth net - n.+1 = 0)%N by rewrite en subnn.
  apply: (tends_ext (f := fun b => - conform_mx 0 (gloss bw (ht b (depth net))))).
    move=> b nb; rewrite (eq nb ln) en eqxx scalerN scalerA mulVf ?scale1r //.
    by case: nb => b0 _; rewrite gt_eqF.
  apply: tendsN; have t := tends_comp gloss_cont (activities_tend (leqnn _)).
  by apply: vanishes_le t => b _; apply: conform_le.
have lt : (n.+1 < depth net)%N by rewrite ltn_neqAle ne.
have en : (depth net - n.+1 = j)%N by rewrite subnS e.
have t := tends_comp2 (bact_cont _ lt) (activities_tend (ltnW lt))
  (tendsM (tends_const nudges (W n.+1)^T) (IH n.+1 en lt)).
rewrite mulmxN bactN -delta_step // in t.
apply: tends_ext t => b nb.
by rewrite -scalemxAr bactZ (eq nb ln) (negbTE ne).
Qed.

End Nudging.

(** The theorem.  [ht beta] are equilibria of the nudged energy that descend from the feedforward
    pass, for [0 < beta <= beta0]; the local updates over [beta] tend to the gradient step. *)
Theorem T14_nudging_limit (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (W : weights net) (beta0 : R) (ht : R -> activities net) :
  (forall X, 0 <= @loss _ _ net X) ->
  (forall beta, nudges beta0 beta ->
     [/\ ht beta 0%N = input net, nudged_equilibrium bw W beta (ht beta)
       & nudged_energy W beta (ht beta) <= nudged_energy W beta (forward W)]) ->
  (forall n, (n < depth net)%N -> continuous_at (@act _ _ net n) (forward W n)) ->
  (forall n U, (n < depth net)%N -> continuous2_at (@bact _ _ _ bw n) (forward W n) U) ->
  continuous_at (gloss bw) (forward W (depth net)) ->
  forall n, (n < depth net)%N ->
    tends (nudges beta0) (fun beta => beta^-1 *: (err W (ht beta) n *m (act (ht beta n))^T))
          (- gradW bw W n).
Proof.
move=> l0 fam ac bc gc n ln.
have cl b : nudges beta0 b -> ht b 0%N = input net by move=> /fam [].
have eq b : nudges beta0 b -> nudged_equilibrium bw W b (ht b) by move=> /fam [].
have de b : nudges beta0 b -> nudged_energy W b (ht b) <= nudged_energy W b (forward W).
  by move=> /fam [].
have t := tendsM (scaled_tend l0 cl eq de ac bc gc ln)
  (tends_tr (tends_comp (ac n ln) (activities_tend l0 cl de ac (ltnW ln)))).
rewrite mulNmx in t; apply: tends_ext t => b _.
by rewrite -scalemxAl.
Qed.

(** Such equilibria exist: for linear regression, [h_1 = p + beta / (1 + beta) (y - p)]. *)
Theorem T14_example (R : realFieldType) (d0 d1 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_d1)
    (W : weights (linear_regression x y)) (beta : R) : 0 < beta ->
  let p := W 0%N *m x in
  let h : activities (linear_regression x y) := fun n =>
    match n return 'M[R]_(widths d0 d1 n, 1) with
    | 0 => x | _.+1 => p + (beta / (1 + beta)) *: (y - p) end in
  [/\ h 0%N = x, nudged_equilibrium (linear_regression_backward x y) W beta h
    & nudged_energy W beta h <= nudged_energy W beta (forward W)].
Proof.
move=> b0 p h; have q0 : 0 < 1 + beta by apply: addr_gt0 b0; apply: ltr01.
have qn : 1 + beta != 0 by rewrite gt_eqF.
have e0 : err W h 0%N = (beta / (1 + beta)) *: (y - p) by rewrite /err /h /= addrC addKr.
have hy : h 1%N - y = - ((1 + beta)^-1 *: (y - p)).
  rewrite /h; set c := beta / _; have -> : (1 + beta)^-1 = 1 - c by rewrite /c; field.
  by rewrite scalerBl scale1r opprB addrAC -(opprB y p) addrC.
split=> //.
- case=> // _; rewrite e0 /= conform_mx_id hy scalerN opprK scalerA; by [].
- rewrite nudged_start /nudged_energy big_ord_recl big_ord0 addr0 e0 /lossW /=.
  rewrite /squared_error hy nsqN !nsqZ -/p nsq_sym; set r := nsq _.
  have r0 : 0 <= r by apply: nsq_ge0.
  rewrite -subr_ge0.
  have -> : beta * (2^-1 * r) - (beta * (2^-1 * ((1 + beta)^-1 ^+ 2 * r))
     + 2^-1 * ((beta / (1 + beta)) ^+ 2 * r)) = 2^-1 * r * (beta ^+ 2 / (1 + beta)) by field.
  by rewrite !mulr_ge0 ?invr_ge0 ?ler0n ?sqr_ge0 // ltW.
Qed.

(** And its maps are continuous, so that T14 applies to it. *)
Theorem T14_example_continuous (R : realFieldType) (d0 d1 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_d1)
    (h : activities (linear_regression x y)) :
  let net := linear_regression x y in let bw := linear_regression_backward x y in
  [/\ forall X, 0 <= @loss _ _ net X,
      forall n, (n < depth net)%N -> continuous_at (@act _ _ net n) (h n),
      forall n U, (n < depth net)%N -> continuous2_at (@bact _ _ _ bw n) (h n) U
    & continuous_at (gloss bw) (h (depth net))].
Proof.
move=> net bw; split=> [X|n _ e e0|n U _ e e0|e e0]; try by exists e.
  by rewrite mulr_ge0 ?nsq_ge0 // invr_ge0 ler0n.
exists e => // Y; rewrite /gloss /= opprB addrA subrK; exact.
Qed.
