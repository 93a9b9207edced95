(** * T12: deep linear networks *)

From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From Proofs Require Import Matrices Network.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.


(** A network of identity activations without biases, of any depth, for any batch. *)
Definition deep_linear (R : realFieldType) (B N : nat) (d : nat -> nat) (x : 'M[R]_(d 0%N, B))
    (ell : 'M[R]_(d N, B) -> R) : network R B :=
  @Network R B N d d (fun _ X => X) x ell.

Lemma dot_suml (R : realFieldType) m n k (f : 'I_k -> 'M[R]_(m, n)) (A : 'M[R]_(m, n)) :
  dot (\sum_i f i) A = \sum_i dot (f i) A.
Proof. by rewrite /dot mulmx_suml raddf_sum. Qed.

Section DeepLinear.
Variables (R : realFieldType) (B : nat) (d : nat -> nat) (W : forall n, 'M[R]_(d n.+1, d n)).

(** [path m n = W_(m-1) ... W_n], and the identity for [m = n]. *)
Fixpoint path (m n : nat) : 'M[R]_(d m, d n) :=
  match m with
  | 0 => pid_mx (d 0%N)
  | k.+1 => if n == k.+1 then pid_mx (d k.+1) else W k *m path k n
  end.

Lemma path_id n : path n n = 1%:M.
Proof. by case: n => [|n] /=; rewrite ?eqxx pid_mx_1. Qed.

Lemma path_step m n : (n <= m)%N -> path m.+1 n = W m *m path m n.
Proof. by move=> le /=; rewrite ltn_eqF. Qed.

(** [S = sum_(n = 1..N) path N n (path N n)^T]; its term [n = N] is the identity. *)
Definition spread (N : nat) : 'M[R]_(d N) := \sum_(n < N) path N n.+1 *m (path N n.+1)^T.

Lemma spread_step N : spread N.+1 = 1%:M + W N *m spread N *m (W N)^T.
Proof.
rewrite /spread big_ord_recr path_id mul1mx trmx1 addrC /=; congr (_ + _).
rewrite mulmx_sumr mulmx_suml; apply: eq_bigr => n _.
by rewrite eqSS ltn_eqF // trmx_mul !mulmxA.
Qed.

Lemma spread_form N (v : 'cV[R]_(d N)) :
  dot v (spread N *m v) = \sum_(n < N) nsq ((path N n.+1)^T *m v).
Proof.
rewrite /spread mulmx_suml dotC dot_suml; apply: eq_bigr => n _.
by rewrite -mulmxA dot_mull.
Qed.

(* [S] is the identity plus something positive, hence nonsingular. *)
Lemma spread_unit N : (0 < N)%N -> spread N \in unitmx.
Proof.
case: N => // N _; rewrite -unitmx_tr -row_free_unit; apply/inj_row_free => v v0.
have s0 : spread N.+1 *m v^T = 0 by rewrite -[spread _]trmxK -trmx_mul v0 trmx0.
have := spread_form v^T; rewrite s0 dot0r big_ord_recr /= eqxx pid_mx_1 trmx1 mul1mx nsq_tr.
move=> /esym /eqP; rewrite paddr_eq0 ?nsq_ge0 //; last by apply: sumr_ge0 => n _; apply: nsq_ge0.
by rewrite nsq_eq0 => /andP[_ /eqP].
Qed.

(* Unrolled: the output is the feedforward output plus the errors carried forward. *)
Lemma unroll (h : forall n, 'M[R]_(d n, B)) N :
  h N = path N 0 *m h 0%N + \sum_(n < N) path N n.+1 *m (h n.+1 - W n *m h n).
Proof.
elim: N => [|N IH]; first by rewrite path_id mul1mx big_ord0 addr0.
have e : W N *m h N = path N.+1 0 *m h 0%N
    + \sum_(n < N) path N.+1 n.+1 *m (h n.+1 - W n *m h n).
  rewrite {1}IH mulmxDr mulmxA -path_step // mulmx_sumr; congr (_ + _).
  by apply: eq_bigr => n _; rewrite path_step // mulmxA.
by rewrite big_ord_recr addrA -e path_id mul1mx addrC subrK.
Qed.

(** The inference energy with unit precisions. *)
Definition inference_energy (N : nat) (h : forall n, 'M[R]_(d n, B)) : R :=
  2^-1 * \sum_(n < N) nsq (h n.+1 - W n *m h n).

(** The equilibrium: the errors are [M_n^T S^-1 r]. *)
Fixpoint equilibrium (N : nat) (x : 'M[R]_(d 0%N, B)) (u : 'M[R]_(d N, B)) n : 'M[R]_(d n, B) :=
  match n with
  | 0 => x
  | k.+1 => W k *m equilibrium x u k + (path N k.+1)^T *m u
  end.

(* Completing the square. *)
Lemma energy_square N (h : forall n, 'M[R]_(d n, B)) : (0 < N)%N ->
  let r := h N - path N 0 *m h 0%N in let u := invmx (spread N) *m r in
  inference_energy N h = 2^-1 * dot r u
    + 2^-1 * \sum_(n < N) nsq (h n.+1 - W n *m h n - (path N n.+1)^T *m u).
Proof.
move=> N0 r u; pose e n := h n.+1 - W n *m h n.
have er : \sum_(n < N) path N n.+1 *m e n = r by rewrite /r {1}(unroll h N) addrC addKr.
have s1 : \sum_(n < N) dot (e n) ((path N n.+1)^T *m u) = dot r u.
  by rewrite -er dot_suml; apply: eq_bigr => n _; rewrite dot_mull.
have s2 : \sum_(n < N) nsq ((path N n.+1)^T *m u) = dot r u.
  have {1}<- : spread N *m u = r by rewrite mulKVmx // spread_unit.
  rewrite /spread mulmx_suml dot_suml; apply: eq_bigr => n _.
  by rewrite -mulmxA dot_mull.
rewrite /inference_energy -/e; have -> : \sum_(n < N) nsq (e n - (path N n.+1)^T *m u)
    = \sum_(n < N) nsq (e n) - 2 * dot r u + dot r u.
  rewrite -{1}s1 -s2 mulr_sumr -sumrB -big_split; apply: eq_bigr => n _; exact: nsqB.
by move: (dot r u) (\sum_(n < N) nsq (e n)) => q p; field.
Qed.

(* The equilibrium reaches the target. *)
Lemma equilibrium_errors N x u n :
  equilibrium x u n.+1 - W n *m equilibrium x u n = (path N n.+1)^T *m u.
Proof. by rewrite /= addrC addKr. Qed.

Lemma equilibrium_output N x (y : 'M[R]_(d N, B)) : (0 < N)%N ->
  equilibrium x (invmx (spread N) *m (y - path N 0 *m x)) N = y.
Proof.
move=> N0; set u := invmx _ *m _; rewrite (unroll (equilibrium x u) N).
have -> : \sum_(n < N) path N n.+1 *m (equilibrium x u n.+1 - W n *m equilibrium x u n)
    = spread N *m u.
  by rewrite /spread mulmx_suml; apply: eq_bigr => n _; rewrite equilibrium_errors mulmxA.
by rewrite /u mulKVmx ?spread_unit // addrC subrK.
Qed.

End DeepLinear.

(* The feedforward pass of the network is the product of its weights. *)
Lemma deep_linear_forward (R : realFieldType) (B N : nat) (d : nat -> nat) (x : 'M[R]_(d 0%N, B))
    (ell : 'M[R]_(d N, B) -> R) (W : weights (deep_linear x ell)) n :
  forward W n = path (d := d) W n 0 *m x.
Proof. by elim: n => [|n /= ->]; rewrite ?path_id ?mul1mx //= mulmxA. Qed.

(** The theorem.  [M n = W_(N-1) ... W_n], [S = I + sum_(0 < n < N) M_n M_n^T], and [err W h n] is the
    local error of [Network.v].  The clamped inference energy has the minimum [r^T S^-1 r / 2] (for a
    batch, its trace), attained at one point only. *)
Theorem T12_deep_linear (R : realFieldType) (B N : nat) (d : nat -> nat) (x : 'M[R]_(d 0%N, B))
    (y : 'M[R]_(d N.+1, B)) (ell : 'M[R]_(d N.+1, B) -> R) (W : weights (deep_linear x ell)) :
  let M n := path (d := d) W N.+1 n in
  let S := 1%:M + \sum_(n < N) M n.+1 *m (M n.+1)^T in
  let r := y - forward W N.+1 in
  let F (h : activities (deep_linear x ell)) := 2^-1 * \sum_(n < N.+1) nsq (err W h n) in
  let clamped (h : activities (deep_linear x ell)) := h 0%N = x /\ h N.+1 = y in
  S \in unitmx /\
  exists hs, [/\ minimises clamped F hs,
      F hs = 2^-1 * \tr (r^T *m invmx S *m r)
    & forall h, minimises clamped F h -> forall n, (n <= N.+1)%N -> h n = hs n].
Proof.
move=> M S r F clamped.
have SE : S = spread (d := d) W N.+1.
  by rewrite /S /spread big_ord_recr path_id mul1mx trmx1; apply: addrC.
have uS : S \in unitmx by rewrite SE spread_unit.
split=> //; set u := invmx S *m r.
pose hs : activities (deep_linear x ell) := equilibrium (d := d) W x u.
have rE : r = y - path (d := d) W N.+1 0 *m x by rewrite /r deep_linear_forward.
have hsN : hs N.+1 = y.
  by rewrite /hs /u rE SE; apply: equilibrium_output.
have sq h : clamped h -> F h = 2^-1 * dot r u
    + 2^-1 * \sum_(n < N.+1) nsq (err W h n - (M n.+1)^T *m u).
  move=> [h0 hN]; have := energy_square (d := d) W h (ltn0Sn N).
  by rewrite h0 hN -rE -SE -/u.
have chs : clamped hs by [].
have errs n : err W hs n = (M n.+1)^T *m u by apply: equilibrium_errors.
have Fhs : F hs = 2^-1 * dot r u.
  by rewrite (sq hs chs) big1 ?mulr0 ?addr0 // => n _; rewrite errs subrr nsq0.
have i2 : 0 < (2 : R)^-1 by rewrite invr_gt0 ltr0n.
exists hs; split.
- split=> // h ch; rewrite Fhs (sq h ch) ler_addl mulr_ge0 ?(ltW i2) //.
  by apply: sumr_ge0 => n _; apply: nsq_ge0.
- rewrite Fhs /dot /u; congr (_ * _).
  by rewrite mxtrace_mulC -mxtrace_tr trmx_mul trmxK mulmxA.
move=> h [ch hmin].
have e0 : \sum_(n < N.+1) nsq (err W h n - (M n.+1)^T *m u) <= 0.
  by rewrite -(pmulr_rle0 _ i2); have := hmin hs chs; rewrite Fhs (sq h ch) ger_addl.
have ek n : (n < N.+1)%N -> err W h n = (M n.+1)^T *m u.
  move=> ln; apply/eqP; rewrite -subr_eq0 -nsq_eq0 eq_le nsq_ge0 andbT.
  apply: le_trans e0; rewrite (bigD1 (Ordinal ln)) //= ler_addl.
  by apply: sumr_ge0 => k _; apply: nsq_ge0.
elim=> [|n IH] ln; first by case: ch.
have := ek n ln; rewrite -errs /err (IH (ltnW ln)); exact: addIr.
Qed.
