(** * T6: the explicit against the implicit step *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T05_LinearRegression.

(** First part.  [grad L] need only be Lipschitz on the segment between the two weights. *)
Definition lipschitz_on_segment (R : realFieldType) (B : nat) (net : network R B)
    (G : weights net -> weights net) (rho : R) (Wb W : weights net) : Prop :=
  forall t u : R, 0 <= t <= 1 -> 0 <= u <= 1 ->
    let at_ v := wadd Wb (wscale v (wsub W Wb)) in
    wsq (wsub (G (at_ t)) (G (at_ u))) <= rho ^+ 2 * wsq (wsub (at_ t) (at_ u)).

Theorem T06_explicit_versus_implicit (R : realFieldType) (B : nat) (net : network R B)
    (bw : backward net) (alpha rho : R) (Wb W : weights net) :
  let imp := wsub W Wb in let exp := wscale (- alpha) (gradW bw Wb) in
  lipschitz_on_segment (gradW bw) rho Wb W ->
  implicit_equation bw alpha Wb W ->
  wsq (wsub exp imp) <= (alpha * rho) ^+ 2 * wsq imp.
Proof.
move=> imp exp lip im.
have := lip 1 0; rewrite !lexx !ler01 => /(_ isT isT) /=.
set a1 := wadd _ _; set a0 := wadd _ _ => h.
have e1 : wsame a1 W by move=> n _; rewrite /a1 /wadd /wscale /wsub scale1r addrC subrK.
have e0 : wsame a0 Wb by move=> n _; rewrite /a0 /wadd /wscale scale0r addr0.
have -> : wsq (wsub exp imp) = alpha ^+ 2 * wsq (wsub (gradW bw a1) (gradW bw a0)).
  rewrite -wsqZ; apply: eq_bigr => n _; rewrite -!/(nsq _); congr nsq.
  rewrite /exp /imp /wscale /wsub (gradW_same bw e1) // (gradW_same bw e0) // {1}(im n) //.
  by rewrite [_ - _ - Wb n]addrAC subrr add0r opprK scalerBr scaleNr addrC.
have -> : wsq imp = wsq (wsub a1 a0).
  by apply: eq_bigr => n _; rewrite /imp /wsub e1 // e0.
by rewrite exprMn -[X in _ <= X]mulrA ler_wpmul2l ?sqr_ge0.
Qed.

(** Second part: the expansion [Delta_imp = - alpha g + alpha^2 H g + O(alpha^3)].  [H] is the second
    derivative at [Wb]: linear, bounded, and approximating the change of the gradient to second
    order within a ball.  In squared norms the error is at most [C alpha^6]. *)
Definition second_derivative (R : realFieldType) (B : nat) (net : network R B)
    (G : weights net -> weights net) (Wb : weights net) (H : weights net -> weights net)
    (eta M radius : R) : Prop :=
  [/\ forall U V c, wsame (H (wadd U (wscale c V))) (wadd (H U) (wscale c (H V))),
      forall V, wsq (H V) <= eta * wsq V
    & forall W, wsq (wsub W Wb) <= radius ->
        wsq (wsub (wsub (G W) (G Wb)) (H (wsub W Wb))) <= M * wsq (wsub W Wb) ^+ 2].

Theorem T06_expansion (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (Wb : weights net) (H : weights net -> weights net) (eta M radius : R) :
  0 <= eta -> 0 <= M -> 0 < radius ->
  second_derivative (gradW bw) Wb H eta M radius ->
  let g := gradW bw Wb in
  exists alpha0 C : R, [/\ 0 < alpha0, 0 <= C &
    forall alpha W, 0 < alpha <= alpha0 -> wsq (wsub W Wb) <= radius ->
      implicit_equation bw alpha Wb W ->
      wsq (wsub (wsub W Wb) (wadd (wscale (- alpha) g) (wscale (alpha ^+ 2) (H g))))
        <= C * alpha ^+ 6].
Proof.
move=> e0 M0 r0 [Hlin Hbd Hrem] g; set q := wsq g; set k := eta + M * radius.
have q0 : 0 <= q by apply: wsq_ge0.
have k0 : 0 <= k by rewrite addr_ge0 // mulr_ge0 // ltW.
have k1 : 0 < 8 * k + 1 by apply: ltr_paddl ltr01; rewrite mulr_ge0 ?ler0n.
exists (8 * k + 1)^-1, (48 * eta * k * q + 64 * M * q ^+ 2); split.
- by rewrite invr_gt0.
- by rewrite addr_ge0 // !mulr_ge0 ?ler0n ?sqr_ge0.
move=> alpha W /andP[a0 aA] near im; set D := wsub W Wb in near *.
pose S := wsub (wsub (gradW bw W) g) (H D).
have a1 : alpha <= 1.
  apply: le_trans aA _; rewrite invf_le1 // ler_addr mulr_ge0 ?ler0n //.
have ak : 8 * k * alpha ^+ 2 <= 1.
  apply: le_trans (_ : (8 * k + 1) * alpha <= _); last first.
    by rewrite mulrC -ler_pdivl_mulr // mul1r.
  rewrite expr2 mulrA ler_wpmul2r ?(ltW a0) //.
  apply: le_trans (_ : 8 * k <= _); first by rewrite ler_pimulr // mulr_ge0 ?ler0n.
  by rewrite ler_addl ler01.
set d := wsq D in near *; have d0 : 0 <= d by apply: wsq_ge0.
have Sd : wsq S <= M * d ^+ 2 by apply: Hrem.
have HSd : wsq (wadd (H D) S) <= 2 * k * d.
  apply: le_trans (wsqD_le _ _) _.
  apply: le_trans (_ : 2 * (eta * d) + 2 * (M * radius * d) <= _); last first.
    by rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite /k; ring.
  rewrite ler_add // ler_pmul2l ?ltr0n //; first exact: Hbd.
  apply: le_trans Sd _; rewrite -mulrA ler_wpmul2l // expr2 ler_wpmul2r //.
have DE n : (n < depth net)%N -> D n = - alpha *: (g n + (H D n + S n)).
  move=> ln; rewrite /S /D /wsub -/g {1}(im n ln) addrAC subrr add0r -scaleNr; congr (_ *: _).
  by rewrite [H _ n + _]addrC subrK addrC subrK.
(* || D ||^2 <= 4 alpha^2 || g ||^2 *)
have dq : d <= 4 * alpha ^+ 2 * q.
  have : d <= alpha ^+ 2 * (2 * q + 2 * (2 * k * d)).
    have {1}-> : d = alpha ^+ 2 * wsq (wadd g (wadd (H D) S)).
      rewrite -sqrrN -wsqZ; apply: eq_bigr => n _; by rewrite DE.
    rewrite ler_wpmul2l ?sqr_ge0 //; apply: le_trans (wsqD_le _ _) _.
    by apply: ler_add => //; rewrite ler_pmul2l ?ltr0n //; exact: HSd.
  move=> h; have h2 : 8 * k * alpha ^+ 2 * d <= d by rewrite ler_pimull.
  rewrite -subr_ge0.
  have -> : 4 * alpha ^+ 2 * q - d = 2 * (alpha ^+ 2 * (2 * q + 2 * (2 * k * d)) - d)
     + (d - 8 * k * alpha ^+ 2 * d) by ring.
  by rewrite addr_ge0 // ?mulr_ge0 ?ler0n // subr_ge0.
pose E := wadd D (wscale alpha g).
have Eq : wsq E <= 8 * k * alpha ^+ 4 * q.
  have -> : wsq E = alpha ^+ 2 * wsq (wadd (H D) S).
    rewrite -sqrrN -wsqZ; apply: eq_bigr => n _; rewrite -!/(nsq _); congr nsq.
    rewrite /E /wadd /wscale {1}DE // scalerDr addrAC.
    by rewrite scaleNr addNr add0r.
  apply: le_trans (_ : alpha ^+ 2 * (2 * k * d) <= _).
    by rewrite ler_wpmul2l ?sqr_ge0.
  apply: le_trans (_ : alpha ^+ 2 * (2 * k * (4 * alpha ^+ 2 * q)) <= _).
    by rewrite ler_wpmul2l ?sqr_ge0 // ler_wpmul2l // mulr_ge0 ?ler0n.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
have -> : wsq (wsub D (wadd (wscale (- alpha) g) (wscale (alpha ^+ 2) (H g)))) =
          alpha ^+ 2 * wsq (wadd (H E) S).
  rewrite -sqrrN -wsqZ; apply: eq_bigr => n _; rewrite -!/(nsq _); congr nsq.
  have := Hlin D g alpha n (ltn_ord n); rewrite -/E /wadd /wscale /wsub => ->.
  rewrite {1}(DE n (ltn_ord n)); apply/matrixP => i j; rewrite !mxE; ring.
apply: le_trans (_ : alpha ^+ 2 * (2 * (eta * (8 * k * alpha ^+ 4 * q)) + 2 * (M * (4 * alpha ^+ 2 * q) ^+ 2)) <= _).
  rewrite ler_wpmul2l ?sqr_ge0 //; apply: le_trans (wsqD_le _ _) _.
  rewrite ler_add // ler_pmul2l ?ltr0n //.
    by apply: le_trans (Hbd _) _; rewrite ler_wpmul2l.
  apply: le_trans Sd _; rewrite ler_wpmul2l // ler_sqr ?nnegrE //.
  pos.
rewrite -subr_ge0.
have -> : (48 * eta * k * q + 64 * M * q ^+ 2) * alpha ^+ 6 -
  alpha ^+ 2 * (2 * (eta * (8 * k * alpha ^+ 4 * q)) + 2 * (M * (4 * alpha ^+ 2 * q) ^+ 2))
  = (32 * eta * k * q + 32 * M * q ^+ 2) * (alpha ^+ 2) ^+ 3 by ring.
by apply: mulr_ge0; [pos | rewrite exprn_ge0 // sqr_ge0].
Qed.

(** Both hypotheses hold for linear regression, with [rho = ||x||^2] and [H V = V x x^T]. *)
Theorem T06_example (R : realFieldType) (d0 d1 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_d1)
    (Wb W : weights (linear_regression x y)) (radius : R) :
  let G := gradW (linear_regression_backward x y) in
  let H (V : weights (linear_regression x y)) :=
    one_weight x (squared_error y) (V 0%N *m (x *m x^T)) in
  lipschitz_on_segment G (nsq x) Wb W /\
  second_derivative G Wb H (nsq x ^+ 2) 0 radius.
Proof.
move=> G H.
have xx : nsq (x *m x^T) = nsq x ^+ 2.
  by rewrite {1}/nsq dot_mull mulmxA gram_col mul_scalar_mx dotZr dot_tr -/(nsq x) expr2.
have GB U V : G U 0%N - G V 0%N = (U 0%N - V 0%N) *m (x *m x^T) by exact: linear_regression_gradB.
split.
  move=> t u _ _ /=; set A := wadd _ _; set C := wadd _ _.
  rewrite /wsq !one_layer_wdot -!/(nsq _) /wsub GB mulrC -xx; exact: nsqM_le.
split=> [U V c n|V|V _].
- by case: n => // _; rewrite /H /wadd /wscale /= mulmxDl -scalemxAl.
- by rewrite /wsq !one_layer_wdot -!/(nsq _) mulrC -xx /H /=; apply: nsqM_le.
- by rewrite /wsq !one_layer_wdot -!/(nsq _) /wsub GB subrr nsq0 mul0r.
Qed.
