(** * T11: nonexpansiveness *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T05_LinearRegression.

(** Convexity of the loss in the weights, and of the loss in the outputs. *)
Definition convex_loss (R : realFieldType) (B : nat) (net : network R B) : Prop :=
  forall (U V : weights net) t, 0 <= t <= 1 ->
    lossW (wadd U (wscale t (wsub V U))) <= (1 - t) * lossW U + t * lossW V.
Definition convex (R : realFieldType) m n (l : 'M[R]_(m, n) -> R) : Prop :=
  forall X Y t, 0 <= t <= 1 -> l (X + t *: (Y - X)) <= (1 - t) * l X + t * l Y.

(* For one layer the loss is convex in the weights if it is in the outputs. *)
Lemma one_layer_convex (R : realFieldType) (B d0 d1 : nat) (x : 'M[R]_(d0, B))
    (ell : 'M[R]_(d1, B) -> R) : convex ell -> convex_loss (one_layer x ell).
Proof.
move=> cl U V t ht; rewrite !one_layer_loss /wadd /wscale /wsub mulmxDl -scalemxAl mulmxBl.
exact: cl.
Qed.

(* The squared error is convex. *)
Lemma squared_error_convex (R : realFieldType) (d B : nat) (y : 'M[R]_(d, B)) :
  convex (squared_error y).
Proof.
move=> X Y t /andP[t0 t1]; rewrite /squared_error addrAC nsqD nsqZ dotZr.
have -> : Y - y = (X - y) + (Y - X) by rewrite [RHS]addrC addrA subrK.
rewrite (nsqD (X - y)) -subr_ge0; set a := nsq _; set b := dot _ _; set c := nsq _.
have -> : (1 - t) * (2^-1 * a) + t * (2^-1 * (a + 2 * b + c)) - 2^-1 * (a + 2 * (t * b) + t ^+ 2 * c)
  = 2^-1 * (t * (1 - t) * c) by field.
by rewrite !mulr_ge0 ?nsq_ge0 ?subr_ge0 ?invr_ge0 ?ler0n.
Qed.

Section Nonexpansive.
Variables (R : realFieldType) (B : nat) (net : network R B) (alpha : R).
Hypothesis alpha0 : 0 < alpha.
Hypothesis cvx : convex_loss net.

(* What is at most every small multiple of a constant is not positive. *)
Lemma le_small (X k : R) : 0 <= k -> (forall t, 0 < t -> t <= 1 -> X <= t * k) -> X <= 0.
Proof.
move=> k0 h; rewrite leNgt; apply/negP => X0.
have q0 : 0 < X + k by apply: ltr_paddr X0.
have := h (X / (X + k)) (divr_gt0 X0 q0).
rewrite ler_pdivr_mulr // mul1r ler_addl => /(_ k0); apply/negP; rewrite -ltNge.
by rewrite mulrAC ltr_pdivr_mulr // ltr_pmul2l // ltr_addr.
Qed.

(* The variational inequality of the proximal step. *)
Lemma prox_variational (Wb z V : weights net) : minimises (@anything _) (prox alpha Wb) z ->
  lossW z - lossW V <= alpha^-1 * wdot (wsub z Wb) (wsub V z).
Proof.
move=> [_ zmin]; rewrite -subr_le0; set v := wsub V z; set c := (2 * alpha)^-1.
have c0 : 0 <= c by rewrite invr_ge0 mulr_ge0 ?ler0n // ltW.
have c2 : alpha^-1 = c * 2.
  by rewrite /c invfM mulrAC mulVf ?mul1r // pnatr_eq0.
apply: (@le_small _ (c * wsq v)) => [|t t0 t1]; first by rewrite mulr_ge0 ?wsq_ge0.
have := zmin (wadd z (wscale t v)) I; rewrite /prox wsq_line -/c => h1.
have h2 := @cvx z V t (introT andP (conj (ltW t0) t1)).
rewrite -/v in h2; rewrite -(ler_pmul2l t0) -subr_ge0 c2.
set P := wsq (wsub z Wb) in h1; set Q := wdot (wsub z Wb) v in h1 *.
set L := lossW (wadd z _) in h1 h2.
have -> : t * (t * (c * wsq v)) - t * (lossW z - lossW V - c * 2 * Q) =
  (L + c * (P + 2 * t * Q + t ^+ 2 * wsq v) - (lossW z + c * P))
  + ((1 - t) * lossW z + t * lossW V - L) by ring.
by rewrite addr_ge0 // subr_ge0.
Qed.

Lemma prox_firm (U V y z : weights net) :
  minimises (@anything _) (prox alpha U) y -> minimises (@anything _) (prox alpha V) z ->
  wsq (wsub y z) <= wdot (wsub U V) (wsub y z).
Proof.
move=> my mz; have h1 := prox_variational z my; have h2 := prox_variational y mz.
have s : 0 <= wdot (wsub y U) (wsub z y) + wdot (wsub z V) (wsub y z).
  rewrite -(pmulr_rge0 _ (x := alpha^-1)) ?invr_gt0 // mulrDr.
  by apply: le_trans (ler_add h1 h2); rewrite addrA subrK subrr.
have <- : wsq (wsub y z) + (wdot (wsub y U) (wsub z y) + wdot (wsub z V) (wsub y z))
   = wdot (wsub U V) (wsub y z).
  rewrite /wsq /wdot -!big_split; apply: eq_bigr => n _ /=; rewrite /wsub.
  rewrite -(opprB (y n) (z n)) dotNr !dotBl; ring.
by rewrite ler_addl.
Qed.

Lemma prox_nonexpansive (U V y z : weights net) :
  minimises (@anything _) (prox alpha U) y -> minimises (@anything _) (prox alpha V) z ->
  wsq (wsub y z) <= wsq (wsub U V).
Proof.
move=> my mz; have h := prox_firm my mz; have c := wdot_le (wsub U V) (wsub y z).
rewrite -(ler_add2r (wsq (wsub y z))); apply: le_trans c.
by rewrite -[wsq _ + wsq _]mulr2n -mulr_natl ler_pmul2l ?ltr0n.
Qed.

End Nonexpansive.

(** The implicit step is 1-Lipschitz in [theta_b], for every learning rate; it is even firmly
    nonexpansive. *)
Theorem T11_nonexpansiveness (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
    (U V U' V' : weights net) :
  0 < alpha -> convex_loss net ->
  minimises (@anything _) (prox alpha U) U' -> minimises (@anything _) (prox alpha V) V' ->
  wsq (wsub U' V') <= wdot (wsub U V) (wsub U' V') /\ wsq (wsub U' V') <= wsq (wsub U V).
Proof.
by move=> a0 cvx mU mV; split; [exact: prox_firm mU mV | exact: prox_nonexpansive mU mV].
Qed.

(** One layer with a convex loss, as on the page. *)
Theorem T11_one_layer (R : realFieldType) (B d0 d1 : nat) (x : 'M[R]_(d0, B))
    (ell : 'M[R]_(d1, B) -> R) (alpha : R) (U V U' V' : weights (one_layer x ell)) :
  0 < alpha -> convex ell ->
  minimises (@anything _) (prox alpha U) U' -> minimises (@anything _) (prox alpha V) V' ->
  wsq (wsub U' V') <= wsq (wsub U V).
Proof.
by move=> a0 cl mU mV; have [] := T11_nonexpansiveness a0 (one_layer_convex cl) mU mV.
Qed.

(** The explicit step is not, wherever the gradient varies by more than [2 / alpha] times the
    distance: there it moves the two weights apart. *)
Theorem T11_explicit_expands (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (U V : weights net) :
  let step W := wsub W (wscale alpha (gradW bw W)) in
  2 ^+ 2 * wsq (wsub U V) < alpha ^+ 2 * wsq (wsub (gradW bw U) (gradW bw V)) ->
  wsq (wsub U V) < wsq (wsub (step U) (step V)).
Proof.
move=> step; set p := wsq (wsub U V); rewrite -wsqZ; set G := wscale alpha _ => lt.
have := wsqD_le (wsub U V) (wscale (-1) (wsub (step U) (step V))).
have -> : wsq (wadd (wsub U V) (wscale (-1) (wsub (step U) (step V)))) = wsq G.
  apply: eq_bigr => n _; rewrite -!/(nsq _); congr nsq.
  rewrite /G /step /wadd /wscale /wsub scaleN1r; apply/matrixP => i j; rewrite !mxE; ring.
rewrite wsqZ sqrrN expr1n mul1r -/p => h; rewrite -subr_gt0 -(pmulr_rgt0 _ (ltr0n R 2)).
apply: lt_le_trans (_ : wsq G - 2 ^+ 2 * p <= _); first by rewrite subr_gt0.
rewrite -subr_ge0.
have -> : 2 * (wsq (wsub (step U) (step V)) - p) - (wsq G - 2 ^+ 2 * p) =
  2 * p + 2 * wsq (wsub (step U) (step V)) - wsq G by ring.
by rewrite subr_ge0.
Qed.

(** Such weights exist: linear regression with [alpha ||x||^2 > 2], whose loss is convex. *)
Theorem T11_example (R : realFieldType) (d0 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_1) (alpha : R) :
  0 < alpha -> 2 < alpha * nsq x ->
  convex (squared_error y) /\
  exists U V : weights (linear_regression x y),
    let G := gradW (linear_regression_backward x y) in
    2 ^+ 2 * wsq (wsub U V) < alpha ^+ 2 * wsq (wsub (G U) (G V)).
Proof.
move=> a0 a2; split; first exact: squared_error_convex.
exists (one_weight x (squared_error y) x^T), (one_weight x (squared_error y) 0).
rewrite /wsq !one_layer_wdot -!/(nsq _) /wsub !linear_regression_grad /= subr0 nsq_tr.
have -> : - ((y - x^T *m x) *m x^T) - - ((y - 0 *m x) *m x^T) = nsq x *: x^T.
  by rewrite mul0mx subr0 opprK addrC -mulmxBl opprB addrC subrK gram_col mul_scalar_mx.
have s0 : 0 < nsq x by rewrite -(pmulr_rgt0 _ a0); apply: lt_trans a2; rewrite ltr0n.
rewrite nsqZ nsq_tr mulrA -exprMn ltr_pmul2r // ltr_sqr ?nnegrE ?ler0n //.
by rewrite mulr_ge0 ?nsq_ge0 // ltW.
Qed.
