(** * T3: the exact energy over activities, any mini-batch *)

From Proofs Require Import Preamble Matrices Network.

(** Any rank.  [energy] has the layer terms [|| E_(n+1) (bar A_n)^+ ||^2], which are
    [tr E K^+ E^T]; [updated] is [W_n^b + E_(n+1) K_n^+ (bar A_n)^T]. *)
Lemma layer_term (R : realFieldType) (m k B : nat) (A : 'M[R]_(k, B)) (E : 'M[R]_(m, B)) :
  nsq (E *m pinv A) = \tr (E *m pinv (A^T *m A) *m E^T) /\
  E *m pinv A = E *m pinv (A^T *m A) *m A^T.
Proof.
rewrite pinv_gram; split; first by rewrite /nsq /dot trmx_mul !mulmxA.
by rewrite -(mulmxA E) -(mulmxA (pinv A)) -(trmx_mul A) pinv_syml (mulmxA (pinv A) A) pinvKr.
Qed.

Theorem T03_identity (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
    (Wb W : weights net) :
  let h := forward W in
  admissible Wb h /\
  prox alpha Wb W = energy alpha Wb h + (2 * alpha)^-1 * wsq (wsub W (updated Wb h)).
Proof. by split; [apply: forward_admissible | apply: prox_energy]. Qed.

Theorem T03_batch_activity_energy (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
    (Wb : weights net) : 0 < alpha ->
  [/\ (* the same lower bounds, hence the same infimum *)
      forall c, (forall W, c <= prox alpha Wb W) <->
                (forall h, admissible Wb h -> c <= energy alpha Wb h),
      (* the normalized update attains the energy *)
      forall h, admissible Wb h -> prox alpha Wb (updated Wb h) = energy alpha Wb h,
      (* minimising activities give minimising weights *)
      forall h, minimises (admissible Wb) (energy alpha Wb) h ->
                minimises (@anything _) (prox alpha Wb) (updated Wb h)
    & (* and every minimiser over weights arises so *)
      forall W, minimises (@anything _) (prox alpha Wb) W ->
                minimises (admissible Wb) (energy alpha Wb) (forward W) /\
                wsame W (updated Wb (forward W))].
Proof.
move=> a0; split=> [c|h|h [adm hmin]|W [_ Wmin]].
- split=> [lb h adm|lb W]; first by rewrite -prox_updated.
  exact: le_trans (lb _ (forward_admissible Wb W)) (energy_le_prox _ _ a0).
- exact: prox_updated.
- split=> // W _; rewrite prox_updated //.
  exact: le_trans (hmin _ (forward_admissible Wb W)) (energy_le_prox _ _ a0).
- have adm := forward_admissible Wb W.
  split; first split=> // h hadm.
    by rewrite -(prox_updated alpha hadm); apply: le_trans (energy_le_prox _ _ a0) (Wmin _ I).
  apply/wsq_sub_eq0/eqP; rewrite eq_le wsq_ge0 andbT.
  have i0 : 0 < (2 * alpha)^-1 by rewrite invr_gt0 mulr_gt0 ?ltr0n.
  have := Wmin (updated Wb (forward W)) I.
  by rewrite prox_updated // prox_energy ger_addl pmulr_rle0.
Qed.

(** Nonsingular Gram matrices: the pseudo-inverse is the inverse, and nothing but the clamped
    input restricts the activities. *)
Theorem T03_nonsingular (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
    (Wb : weights net) (h : activities net) :
  (forall n, (n < depth net)%N -> gram h n \in unitmx) ->
  [/\ h 0%N = input net -> admissible Wb h,
      energy alpha Wb h = loss (h (depth net)) + (2 * alpha)^-1 *
        \sum_(n < depth net) \tr (err Wb h n *m invmx (gram h n) *m (err Wb h n)^T)
    & wsame (updated Wb h)
            (fun n => Wb n + err Wb h n *m invmx (gram h n) *m (act (h n))^T)].
Proof.
move=> uK; split=> [h0||n ln].
- exact: gram_admissible.
- rewrite /energy; congr (_ + _ * _); apply: eq_bigr => n _.
  exact/nsq_pinv_full/uK.
- by rewrite /updated pinv_full ?uK // mulmxA.
Qed.

(** Example: with [B] inputs that are the columns of the identity, every Gram matrix of one layer is
    nonsingular, for every [B] and whatever the activities that follow. *)
Theorem T03_example (R : realFieldType) (B d1 : nat) (ell : 'M[R]_(d1, B) -> R)
    (h : activities (one_layer (1%:M : 'M[R]_B) ell)) :
  h 0%N = input (one_layer (1%:M : 'M[R]_B) ell) ->
  forall n, (n < 1)%N -> gram h n \in unitmx.
Proof. by move=> h0 [|n] // _; rewrite /gram h0 /= trmx1 mulmx1 unitmx1. Qed.
