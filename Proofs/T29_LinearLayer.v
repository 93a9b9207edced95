(** * T29: one linear layer, three algorithms, one update *)

From Proofs Require Import Preamble Matrices Network T18_Slack.

(** The proximal objective of one linear layer with rates [A], targets [Y] and the mean squared error of [B] examples. *)
Definition layer_objective (R : realFieldType) m k B (alpha : R) (A : 'M[R]_(k, B)) (Y : 'M_(m, B)) (Wb W : 'M_(m, k)) : R :=
  (2 * B%:R)^-1 * nsq (Y - W *m A) + (2 * alpha)^-1 * nsq (W - Wb).

(** Its implicit step. *)
Definition implicit_layer (R : realFieldType) m k B (alpha : R) (A : 'M[R]_(k, B)) (Y : 'M_(m, B)) (Wb : 'M_(m, k)) : 'M_(m, k) :=
  Wb + (Y - Wb *m A) *m invmx (A^T *m A + (B%:R / alpha)%:M) *m A^T.

(** Belief propagation on the star: the prior's information and what the factor of each example sends, noise [s]. *)
Definition belief_precision (R : realFieldType) k B (alpha s : R) (A : 'M[R]_(k, B)) (order : seq 'I_B) : 'M_k :=
  (alpha^-1)%:M + \sum_(j <- order) s^-1 *: (col j A *m (col j A)^T).
Definition belief_information (R : realFieldType) m k B (alpha s : R) (A : 'M[R]_(k, B)) (Y : 'M_(m, B)) (Wb : 'M_(m, k))
    (order : seq 'I_B) : 'M_(m, k) :=
  alpha^-1 *: Wb + \sum_(j <- order) s^-1 *: (col j Y *m (col j A)^T).

(** Recursive least squares: covariance and weights, one example after the other. *)
Definition rls_step (R : realFieldType) m k (s : R) (state : 'M[R]_k * 'M[R]_(m, k)) (a : 'cV_k) (y : 'cV_m) :=
  let g := (s + dot a (state.1 *m a))^-1 *: (state.1 *m a) in
  (state.1 - g *m (a^T *m state.1), state.2 + (y - state.2 *m a) *m g^T).
Definition recursive_least_squares (R : realFieldType) m k B (alpha s : R) (A : 'M[R]_(k, B)) (Y : 'M_(m, B)) (Wb : 'M_(m, k))
    (order : seq 'I_B) : 'M_k * 'M_(m, k) :=
  foldl (fun state j => rls_step s state (col j A) (col j Y)) (alpha%:M, Wb) order.

(* What a state of the recursion knows: the inverse of a precision, and the mean that belongs to an information. *)
Definition informed (R : realFieldType) m k (L : 'M[R]_k) (eta : 'M[R]_(m, k)) (state : 'M[R]_k * 'M[R]_(m, k)) : Prop :=
  [/\ L^T = L, forall v : 'cV_k, 0 <= dot v (L *m v), L *m state.1 = 1%:M & state.2 *m L = eta].

Lemma rls_informed (R : realFieldType) m k (s : R) (L : 'M[R]_k) (eta : 'M_(m, k)) state a y : 0 < s ->
  informed L eta state ->
  informed (L + s^-1 *: (a *m a^T)) (eta + s^-1 *: (y *m a^T)) (rls_step s state a y).
Proof.
move=> s0; case: state => P W [sym pos /= LP WL].
have PL : P *m L = 1%:M by apply: mulmx1C.
have Psym : P^T = P.
  by rewrite -[P^T]mulmx1 -LP mulmxA -[L in P^T *m L]sym -trmx_mul LP trmx1 mul1mx.
have q0 : 0 <= dot a (P *m a).
  by have := pos (P *m a); rewrite mulmxA LP mul1mx dotC.
have d0 : s + dot a (P *m a) != 0 by rewrite gt_eqF // ltr_paddr.
have sn : s != 0 by rewrite gt_eqF.
have inner : a^T *m (P *m a) = (dot a (P *m a))%:M.
  by rewrite [LHS]mx11_scalar dotC /dot mxtrace_mulC -trace_mx11.
rewrite /informed /rls_step /=; set q := dot a (P *m a) in q0 d0 inner *.
set g := (s + q)^-1 *: (P *m a).
have Lg : (L + s^-1 *: (a *m a^T)) *m g = s^-1 *: a.
  rewrite /g -scalemxAr mulmxDl mulmxA LP mul1mx -scalemxAl -mulmxA inner mul_mx_scalar scalerA -{1}[a]scale1r -scalerDl scalerA.
  by congr (_ *: _); field; rewrite d0 sn.
have Lsym : (L + s^-1 *: (a *m a^T))^T = L + s^-1 *: (a *m a^T).
  by rewrite linearD linearZ /= trmx_mul trmxK sym.
split=> //.
- move=> v; rewrite mulmxDl dotDr; apply: addr_ge0 => //.
  rewrite -scalemxAl dotZr mulr_ge0 ?invr_ge0 ?(ltW s0) //.
  by rewrite dotC -mulmxA dot_mull /nsq nsq_ge0.
- by rewrite mulmxBr [in X in _ - X]mulmxA Lg mulmxDl LP -!scalemxAl -mulmxA addrK.
- rewrite [LHS]mulmxDl [W *m _]mulmxDr WL -[_ *m g^T *m _]mulmxA.
  have -> : g^T *m (L + s^-1 *: (a *m a^T)) = s^-1 *: a^T by rewrite -[in LHS]Lsym -trmx_mul Lg linearZ.
  rewrite -!scalemxAr mulmxBl mulmxA -addrA; congr (_ + _).
  by rewrite -scalerDr addrC subrK.
Qed.

Lemma recursion_informed (R : realFieldType) m k B (alpha s : R) (A : 'M[R]_(k, B)) (Y : 'M_(m, B)) (Wb : 'M_(m, k)) order :
  0 < alpha -> 0 < s ->
  informed (belief_precision alpha s A order) (belief_information alpha s A Y Wb order)
    (recursive_least_squares alpha s A Y Wb order).
Proof.
move=> a0 s0; have an : alpha != 0 by rewrite gt_eqF.
elim/last_ind: order => [|order j IH].
  rewrite /belief_precision /belief_information /recursive_least_squares /= !big_nil !addr0.
  split=> /=; first by rewrite tr_scalar_mx.
  - by move=> v; rewrite mul_scalar_mx dotZr mulr_ge0 ?nsq_ge0 // invr_ge0 ltW.
  - by rewrite -scalar_mxM mulVf.
  - by rewrite mul_mx_scalar.
rewrite /belief_precision /belief_information /recursive_least_squares -cats1 !big_cat !big_seq1 foldl_cat /= !addrA.
exact: rls_informed IH.
Qed.

Lemma sum_outer (R : realFieldType) m k B (A : 'M[R]_(k, B)) (Y : 'M_(m, B)) :
  \sum_(j < B) col j Y *m (col j A)^T = Y *m A^T.
Proof.
apply/matrixP => i l; rewrite summxE mxE; apply: eq_bigr => j _.
by rewrite mxE big_ord_recl big_ord0 addr0 !mxE.
Qed.

(** The implicit step is the only minimiser; in any order of the examples recursive least squares ends there, with the
    covariance of the posterior, and belief propagation has the same mean and covariance. *)
Theorem T29_linear_layer (R : realFieldType) (m k B : nat) (alpha : R) (A : 'M[R]_(k, B)) (Y : 'M[R]_(m, B)) (Wb W : 'M[R]_(m, k))
    (order : seq 'I_B) : 0 < alpha -> (0 < B)%N -> perm_eq order (index_enum (ordinal_finType B)) ->
  let Wi := implicit_layer alpha A Y Wb in
  let L := belief_precision alpha B%:R A order in
  [/\ layer_objective alpha A Y Wb Wi <= layer_objective alpha A Y Wb W,
      layer_objective alpha A Y Wb W <= layer_objective alpha A Y Wb Wi -> W = Wi,
      L = (alpha^-1)%:M + B%:R^-1 *: (A *m A^T) /\ L \in unitmx,
      belief_information alpha B%:R A Y Wb order *m invmx L = Wi
    & recursive_least_squares alpha B%:R A Y Wb order = (invmx L, Wi)].
Proof.
move=> a0 B0 /permP perm Wi L.
have s0 : 0 < B%:R :> R by rewrite ltr0n.
have an : alpha != 0 by rewrite gt_eqF.
have sn : B%:R != 0 :> R by rewrite gt_eqF.
have e0 : 0 < B%:R / alpha :> R by rewrite divr_gt0.
set E := Y - Wb *m A; set G := invmx (A^T *m A + (B%:R / alpha)%:M).
have square V : layer_objective alpha A Y Wb V =
    (2 * alpha)^-1 * (\tr (E *m G *m E^T) + (nsq (V - Wi) + (B%:R / alpha)^-1 * nsq ((V - Wi) *m A))).
  have := slack_layer A E (V - Wb) e0; rewrite /= -/G.
  have -> : V - Wb - E *m G *m A^T = V - Wi by rewrite /Wi /implicit_layer opprD addrA.
  have -> : E - (V - Wb) *m A = Y - V *m A by rewrite /E mulmxBl opprB addrA subrK.
  move=> <-; rewrite /layer_objective mulrDr mulrA; congr (_ * _ + _).
  by field; rewrite an sn.
have rest V : 0 <= nsq (V - Wi) + (B%:R / alpha)^-1 * nsq ((V - Wi) *m A).
  by rewrite addr_ge0 ?mulr_ge0 ?nsq_ge0 ?invr_ge0 ?(ltW e0).
have c0 : 0 < (2 * alpha)^-1 by rewrite invr_gt0 mulr_gt0 ?ltr0n.
have zero : nsq (Wi - Wi) + (B%:R / alpha)^-1 * nsq ((Wi - Wi) *m A) = 0.
  by rewrite subrr mul0mx !nsq0 mulr0 addr0.
have sums (I : seq 'I_B) n (F : 'I_B -> 'M[R]_(n, k)) : perm_eq I (index_enum (ordinal_finType B)) ->
    \sum_(j <- I) B%:R^-1 *: F j = B%:R^-1 *: \sum_(j < B) F j.
  by move=> same; rewrite -scaler_sumr (perm_big _ same).
have same : perm_eq order (index_enum (ordinal_finType B)) by apply/permP.
have Lform : L = (alpha^-1)%:M + B%:R^-1 *: (A *m A^T).
  by rewrite /L /belief_precision sums // sum_outer.
have [_ _ LP WL] := recursion_informed A Y Wb order a0 s0.
have [Lu _] := mulmx1_unit LP.
have info : belief_information alpha B%:R A Y Wb order = Wi *m L.
  rewrite /belief_information sums // sum_outer Lform /Wi /implicit_layer -/E -/G.
  have push : A^T *m ((alpha^-1)%:M + B%:R^-1 *: (A *m A^T)) = B%:R^-1 *: ((A^T *m A + (B%:R / alpha)%:M) *m A^T).
    rewrite mulmxDr mul_mx_scalar -scalemxAr mulmxDl mul_scalar_mx scalerDr scalerA mulmxA addrC.
    by congr (_ + _ *: _); field; rewrite an sn.
  rewrite mulmxDl -[E *m G *m A^T *m _]mulmxA push -scalemxAr [_ *m (_ *m A^T)]mulmxA mulmxKV ?damped_gram_unit //.
  rewrite mulmxDr mul_mx_scalar -scalemxAr -addrA; congr (_ + _).
  by rewrite -scalerDr /E mulmxBl mulmxA addrC subrK.
split.
- by rewrite !square zero addr0 ler_pmul2l // ler_addl.
- rewrite !square zero addr0 ler_pmul2l // ger_addl => le.
  have : nsq (W - Wi) + (B%:R / alpha)^-1 * nsq ((W - Wi) *m A) == 0 by rewrite eq_le le rest.
  rewrite paddr_eq0 ?nsq_ge0 ?mulr_ge0 ?nsq_ge0 ?invr_ge0 ?(ltW e0) // nsq_eq0 subr_eq0 => /andP[/eqP-> _].
  by [].
- by [].
- by rewrite info mulmxK.
- case: (recursive_least_squares _ _ _ _ _ _) LP WL => P V /= LP VL.
  congr (_, _).
  + by rewrite -[P]mul1mx -(mulVmx Lu) -mulmxA LP mulmx1.
  + by rewrite -[V](mulmxK Lu) VL info mulmxK.
Qed.
