(** * T18: slack between weights and activities *)

From Proofs Require Import Preamble Matrices Network.

(* A damped Gram matrix is nonsingular, whatever the rank of the rates. *)
Lemma damped_gram_unit (R : realFieldType) k B (A : 'M[R]_(k, B)) (eps : R) : 0 < eps ->
  A^T *m A + eps%:M \in unitmx.
Proof.
move=> e0; rewrite -row_free_unit; apply/inj_row_free => v v0.
have : nsq (v *m A^T) + eps * nsq v = 0.
  have -> : nsq (v *m A^T) + eps * nsq v = dot (v *m (A^T *m A + eps%:M)) v.
    by rewrite mulmxDr dotDl mul_mx_scalar dotZl mulmxA dot_mulr /nsq.
  by rewrite v0 dot0l.
move=> /eqP; rewrite paddr_eq0 ?nsq_ge0 ?mulr_ge0 ?nsq_ge0 ?(ltW e0) // => /andP[_].
by rewrite mulf_eq0 gt_eqF //= nsq_eq0 => /eqP.
Qed.

(* One layer: completing the square in its weights. *)
Lemma slack_layer (R : realFieldType) m k B (A : 'M[R]_(k, B)) (E : 'M_(m, B)) (M : 'M_(m, k)) (eps : R) :
  0 < eps ->
  let G := invmx (A^T *m A + eps%:M) in let D := M - E *m G *m A^T in
  eps^-1 * nsq (E - M *m A) + nsq M = \tr (E *m G *m E^T) + (nsq D + eps^-1 * nsq (D *m A)).
Proof.
move=> e0 G D; have u := damped_gram_unit A e0; have en : eps != 0 by rewrite gt_eqF.
have GS : E *m G *m (A^T *m A + eps%:M) = E by rewrite mulmxKV.
have M0A : E *m G *m A^T *m A = E - eps *: (E *m G).
  by rewrite -{2}GS mulmxDr mul_mx_scalar addrK mulmxA.
have -> : E - M *m A = eps *: (E *m G) - D *m A.
  by rewrite /D mulmxBl M0A opprB addrA (addrC (eps *: _)) subrK.
have -> : M = E *m G *m A^T + D by rewrite /D addrC subrK.
have -> : \tr (E *m G *m E^T) = dot (E *m G) E by [].
have cross : dot (E *m G *m A^T) D = dot (E *m G) (D *m A) by rewrite dot_mulr trmxK.
have own : dot (E *m G) E = nsq (E *m G *m A^T) + eps * nsq (E *m G).
  rewrite -{2}GS mulmxDr mul_mx_scalar dotDr dotZr mulmxA; congr (_ + _).
  by rewrite /nsq [RHS]dot_mulr trmxK.
by rewrite nsqB nsqD nsqZ dotZl cross own; field.
Qed.

Section Slack.
Variables (R : realFieldType) (B : nat) (net : network R B) (alpha eps : R) (Wb : weights net).
Implicit Types (W : weights net) (h : activities net).

(** [(K_n + eps I)^-1]. *)
Definition damped_inverse h n : 'M[R]_B := invmx (gram h n + eps%:M).

(** [J_eps(theta, h)]: activities may leave the predictions of the weights, at a price. *)
Definition slack_objective W h : R :=
  loss (h (depth net)) + (2 * alpha * eps)^-1 * (\sum_(n < depth net) nsq (err W h n))
  + (2 * alpha)^-1 * wsq (wsub W Wb).

(** [E_eps(h)], which has [K_n + eps I] where the energy of T3 has [K_n]; and the update [W_n^b + E_(n+1) (K_n + eps I)^-1
    (bar A_n)^T], which for one example is NLMS with [eps] in its denominator. *)
Definition slack_energy h : R :=
  loss (h (depth net)) + (2 * alpha)^-1 *
    \sum_(n < depth net) \tr (err Wb h n *m damped_inverse h n *m (err Wb h n)^T).
Definition damped_update h : weights net :=
  fun n => Wb n + err Wb h n *m damped_inverse h n *m (act (h n))^T.

Hypotheses (a0 : 0 < alpha) (e0 : 0 < eps).

(* [tr D (I + A A^T / eps) D^T], layer by layer. *)
Definition slack_square W h : R :=
  \sum_(n < depth net) (nsq (W n - damped_update h n) + eps^-1 * nsq ((W n - damped_update h n) *m act (h n))).

Lemma slack_square_ge0 W h : 0 <= slack_square W h.
Proof. by apply: sumr_ge0 => n _; rewrite addr_ge0 ?mulr_ge0 ?nsq_ge0 // invr_ge0 ltW. Qed.

Lemma slack_identity W h :
  slack_objective W h = slack_energy h + (2 * alpha)^-1 * slack_square W h.
Proof.
have sums : eps^-1 * (\sum_(n < depth net) nsq (err W h n)) + wsq (wsub W Wb)
    = \sum_(n < depth net) \tr (err Wb h n *m damped_inverse h n *m (err Wb h n)^T) + slack_square W h.
  rewrite /wsq /wdot /slack_square mulr_sumr -!big_split; apply: eq_bigr => n _ /=.
  have -> : err W h n = err Wb h n - (W n - Wb n) *m act (h n).
    by rewrite /err mulmxBl opprB addrA subrK.
  rewrite -/(nsq _) /wsub (slack_layer (act (h n)) (err Wb h n) (W n - Wb n) e0).
  by rewrite /damped_update opprD addrA.
rewrite /slack_objective /slack_energy -!addrA; congr (_ + _).
by rewrite -mulrDr -sums mulrDr mulrA -invfM.
Qed.

Lemma slack_updated h : slack_objective (damped_update h) h = slack_energy h.
Proof.
rewrite slack_identity /slack_square big1 ?mulr0 ?addr0 // => n _.
by rewrite subrr mul0mx !nsq0 mulr0 addr0.
Qed.

Lemma slack_energy_le W h : slack_energy h <= slack_objective W h.
Proof. by rewrite slack_identity ler_addl mulr_ge0 ?slack_square_ge0 // invr_ge0 mulr_ge0 ?ler0n ?(ltW a0). Qed.

(* Activities that are the weights' own cost no slack. *)
Lemma slack_forward W : slack_objective W (forward W) = prox alpha Wb W.
Proof.
rewrite /slack_objective big1 ?mulr0 ?addr0 // => n _.
by rewrite /err /= subrr nsq0.
Qed.

End Slack.

(* A larger [eps] makes slack cheaper. *)
Lemma slack_monotone (R : realFieldType) B (net : network R B) (alpha eps eps' : R) (Wb W : weights net) h :
  0 < alpha -> 0 < eps -> eps <= eps' ->
  slack_objective alpha eps' Wb W h <= slack_objective alpha eps Wb W h.
Proof.
move=> a0 e0 le; have a2 : 0 < 2 * alpha by rewrite mulr_gt0 ?ltr0n.
rewrite ler_add2r ler_add2l; apply: ler_wpmul2r; first by apply: sumr_ge0 => n _; apply: nsq_ge0.
have pos x : 0 < x -> 2 * alpha * x \is Num.pos by move=> x0; rewrite posrE mulr_gt0.
by rewrite lef_pinv ?pos ?(lt_le_trans e0 le) // ler_pmul2l.
Qed.

(** The theorem, for any mini-batch and any rank. *)
Theorem T18_slack (R : realFieldType) (B : nat) (net : network R B) (alpha eps : R) (Wb : weights net) :
  0 < alpha -> 0 < eps ->
  [/\ (* the identity: the objective is the energy of the activities and a sum of squares *)
      forall W h, slack_objective alpha eps Wb W h = slack_energy alpha eps Wb h
        + (2 * alpha)^-1 * \sum_(n < depth net) let D := W n - damped_update eps Wb h n in
            (nsq D + eps^-1 * nsq (D *m act (h n))),
      (* so the damped update is the only minimiser over weights *)
      forall W h, slack_objective alpha eps Wb W h <= slack_energy alpha eps Wb h <->
        wsame W (damped_update eps Wb h),
      (* the same lower bounds over both as over activities alone *)
      forall c, (forall W h, h 0%N = input net -> c <= slack_objective alpha eps Wb W h) <->
                (forall h, h 0%N = input net -> c <= slack_energy alpha eps Wb h),
      (* which are lower bounds of the proximal objective, *)
      forall c, (forall h, h 0%N = input net -> c <= slack_energy alpha eps Wb h) ->
                forall W, c <= prox alpha Wb W
    & (* and grow as [eps] falls *)
      forall eps' h, eps <= eps' -> slack_energy alpha eps' Wb h <= slack_energy alpha eps Wb h].
Proof.
move=> a0 e0; have i0 : 0 < (2 * alpha)^-1 by rewrite invr_gt0 mulr_gt0 ?ltr0n.
have same c : (forall W h, h 0%N = input net -> c <= slack_objective alpha eps Wb W h) <->
              (forall h, h 0%N = input net -> c <= slack_energy alpha eps Wb h).
  split=> [lb h h0|lb W h h0]; first by rewrite -(slack_updated alpha Wb e0); apply: lb.
  by apply: le_trans (lb h h0) _; apply: slack_energy_le.
split=> // [W h|W h|c /same lb W|eps' h le].
- exact: slack_identity.
- rewrite slack_identity // ger_addl pmulr_rle0 //; split=> [le n ln|WU]; last first.
    rewrite /slack_square big1 // => n _.
    by rewrite (WU n (ltn_ord n)) subrr mul0mx !nsq0 mulr0 addr0.
  have /eqP : slack_square eps Wb W h = 0 by apply/eqP; rewrite eq_le le slack_square_ge0.
  rewrite psumr_eq0 => [/allP all0|k _]; last first.
    by rewrite addr_ge0 ?mulr_ge0 ?nsq_ge0 // invr_ge0 ltW.
  have := all0 (Ordinal ln) (mem_index_enum _).
  rewrite /= paddr_eq0 ?mulr_ge0 ?nsq_ge0 ?invr_ge0 ?(ltW e0) // nsq_eq0 => /andP[/eqP d0 _].
  by apply/eqP; rewrite -subr_eq0 d0.
- by rewrite -(slack_forward alpha eps Wb W); apply: lb.
- have e0' : 0 < eps' by apply: lt_le_trans e0 le.
  apply: le_trans (slack_energy_le Wb a0 e0' (damped_update eps Wb h) h) _.
  by rewrite -(slack_updated alpha Wb e0 h); apply: slack_monotone.
Qed.
