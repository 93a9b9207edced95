(** * T12: deep linear networks *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T13_EquilibriumEnergy.

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

Lemma path_right m n : (n < m)%N -> path m n = path m n.+1 *m W n.
Proof.
elim: m => // m IH; rewrite ltnS leq_eqVlt => /orP[/eqP ->|lt].
  by rewrite path_step // !path_id mul1mx mulmx1.
by rewrite (path_step (ltnW lt)) (path_step lt) IH // mulmxA.
Qed.

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

(** Its backward pass; the clamped energy does not see the loss, so any loss gradient [g] will do. *)
Definition deep_linear_backward (R : realFieldType) (B N : nat) (d : nat -> nat)
    (x : 'M[R]_(d 0%N, B)) (ell : 'M[R]_(d N, B) -> R) (g : 'M[R]_(d N, B) -> 'M[R]_(d N, B)) :
  backward (deep_linear x ell) :=
  @Backward R B (deep_linear x ell) (fun _ _ V => V) (fun _ _ U => U) g
    (fun _ _ _ _ _ => erefl) (fun _ _ _ _ => erefl).

(** Activities whose input and output are clamped, and the stationary points of [F] among them:
    [F] has derivative 0 along every line that moves neither end. *)
Definition clamped (R : realFieldType) (B : nat) (net : network R B)
    (y : 'M[R]_(units net (depth net), B)) (h : activities net) : Prop :=
  h 0%N = input net /\ h (depth net) = y.
Definition clamped_stationary (R : realFieldType) (B : nat) (net : network R B)
    (F : activities net -> R) (h : activities net) : Prop :=
  forall V : activities net, V 0%N = 0 -> V (depth net) = 0 ->
    sderiv (fun t => F (fun n => h n + t *: V n)) 0.

Lemma parabola_deriv (R : realFieldType) (a b c k : R) :
  sderiv (fun t => a + (c + k * t) ^+ 2 * b) (2 * c * k * b).
Proof.
move=> e e0; set q := (k ^+ 2 * b) ^+ 2.
have q0 : 0 < q + 1 by apply: ltr_paddl ltr01; apply: sqr_ge0.
exists (e / (q + 1)) => [|t _ small]; first exact: divr_gt0.
have -> : (a + (c + k * t) ^+ 2 * b - (a + (c + k * 0) ^+ 2 * b) - t * (2 * c * k * b)) ^+ 2
  = t ^+ 2 * q * t ^+ 2 by rewrite /q; ring.
rewrite ler_wpmul2r ?sqr_ge0 //; apply: le_trans (_ : t ^+ 2 * (q + 1) <= _).
  by rewrite ler_wpmul2l ?sqr_ge0 // ler_addl ler01.
by rewrite -ler_pdivl_mulr.
Qed.

(* How an error moves along a line, and along the segment to another point. *)
Lemma line_error (R : realFieldType) m n (A V p q : 'M[R]_(m, n)) t :
  t *: (V - q) = A + t *: V - (p + t *: q) - (A - p).
Proof. by apply/matrixP => i j; rewrite !mxE; move: (A i j) (V i j) (p i j) (q i j) => a v b c; ring. Qed.

Lemma segment_error (R : realFieldType) m n (A C p q : 'M[R]_(m, n)) t :
  (1 + -1 * t) *: (A - p - (C - q)) = A + t *: (C - A) - (p + t *: (q - p)) - (C - q).
Proof. by apply/matrixP => i j; rewrite !mxE; move: (A i j) (C i j) (p i j) (q i j) => a c b e; ring. Qed.

(** The theorem.  [M n = W_(N-1) ... W_n], [S = I + sum_(0 < n < N) M_n M_n^T], [r] is the output error of
    the feedforward pass; [clamped_energy] and [clamped_equilibrium] are those of T13 with unit precisions.
    The clamped inference energy has exactly one equilibrium [hs], with the energy [r^T S^-1 r / 2] (for a
    batch, its trace) and the output error [S^-1 r]; being an equilibrium, being a stationary point, and being
    a minimiser are all the same as being [hs]. *)
Theorem T12_deep_linear (R : realFieldType) (B N : nat) (d : nat -> nat) (x : 'M[R]_(d 0%N, B))
    (y : 'M[R]_(d N.+1, B)) (ell : 'M[R]_(d N.+1, B) -> R)
    (g : 'M[R]_(d N.+1, B) -> 'M[R]_(d N.+1, B)) (W : weights (deep_linear x ell)) :
  let M n := path (d := d) W N.+1 n in
  let S := 1%:M + \sum_(n < N) M n.+1 *m (M n.+1)^T in
  let r := y - forward W N.+1 in
  let one (n : nat) : R := 1 in
  let F := clamped_energy one W in let ends := @clamped R B (deep_linear x ell) y in
  let equilibrium_of := clamped_equilibrium (deep_linear_backward x ell g) one W in
  let same (h k : activities (deep_linear x ell)) := forall n, (n <= N.+1)%N -> h n = k n in
  S \in unitmx /\
  exists hs, [/\ ends hs /\ equilibrium_of hs,
      F hs = 2^-1 * \tr (r^T *m invmx S *m r),
      err W hs N = invmx S *m r
    & forall h, ends h ->
        [/\ equilibrium_of h <-> same h hs, clamped_stationary F h <-> same h hs
          & minimises ends F h <-> same h hs]].
Proof.
move=> M S r one F ends equilibrium_of same.
have SE : S = spread (d := d) W N.+1.
  by rewrite /S /spread big_ord_recr path_id mul1mx trmx1; apply: addrC.
have uS : S \in unitmx by rewrite SE spread_unit.
split=> //; set u := invmx S *m r.
pose hs : activities (deep_linear x ell) := equilibrium (d := d) W x u.
have rE : r = y - path (d := d) W N.+1 0 *m x by rewrite /r deep_linear_forward.
have hsN : hs N.+1 = y.
  by rewrite /hs /u rE SE; apply: equilibrium_output.
have FE h : F h = 2^-1 * \sum_(n < N.+1) nsq (err W h n).
  by rewrite /F /clamped_energy; congr (_ * _); apply: eq_bigr => n _; rewrite mul1r.
have sq h : ends h -> F h = 2^-1 * dot r u
    + 2^-1 * \sum_(n < N.+1) nsq (err W h n - (M n.+1)^T *m u).
  move=> [/= h0 hN]; have := energy_square (d := d) W h (ltn0Sn N).
  by rewrite FE h0 hN -rE -SE -/u.
have chs : ends hs by [].
have errs n : err W hs n = (M n.+1)^T *m u by apply: equilibrium_errors.
have Fhs : F hs = 2^-1 * dot r u.
  by rewrite (sq hs chs) big1 ?mulr0 ?addr0 // => n _; rewrite errs subrr nsq0.
have i2 : 0 < (2 : R)^-1 by rewrite invr_gt0 ltr0n.
have excess_ge0 h : 0 <= \sum_(n < N.+1) nsq (err W h n - (M n.+1)^T *m u).
  by apply: sumr_ge0 => n _; apply: nsq_ge0.
(* Errors determine activities. *)
have errors_same h : ends h ->
    (forall n, (n < N.+1)%N -> err W h n = (M n.+1)^T *m u) -> same h hs.
  move=> [/= h0 _] e; elim=> [|n IH] ln; first by rewrite h0.
  have := e n ln; rewrite -errs /err (IH (ltnW ln)); exact: addIr.
have excess_same h : ends h ->
    \sum_(n < N.+1) nsq (err W h n - (M n.+1)^T *m u) = 0 -> same h hs.
  move=> ch e0; apply: errors_same => // n ln.
  apply/eqP; rewrite -subr_eq0 -nsq_eq0 eq_le nsq_ge0 andbT -e0 (bigD1 (Ordinal ln)) //= ler_addl.
  by apply: sumr_ge0 => k _; apply: nsq_ge0.
have err_same h : same h hs -> forall n, (n < N.+1)%N -> err W h n = (M n.+1)^T *m u.
  by move=> hhs n ln; rewrite -errs /err !hhs // ltnW.
have same_equilibrium h : same h hs -> equilibrium_of h.
  move=> hhs n lt; have ln : (n < N.+1)%N by apply: ltnW.
  rewrite /= !scale1r (err_same h hhs n ln) (err_same h hhs n.+1 lt) mulmxA -trmx_mul.
  by rewrite -(path_right (d := d) W lt).
have equilibrium_same h : ends h -> equilibrium_of h -> same h hs.
  move=> ch eq; have back n : (n < N.+1)%N -> err W h n = (M n.+1)^T *m err W h N.
    elim: {n}(N - n)%N {-2}n (erefl (N - n)%N) => [|k IH] n e ln.
      have -> : n = N by apply/eqP; rewrite eqn_leq -ltnS ln -subn_eq0 e.
      by rewrite /M path_id trmx1 mul1mx.
    have lt : (n.+1 < N.+1)%N by rewrite ltnS -subn_gt0 e.
    have := eq n lt; rewrite /= !scale1r => ->; rewrite (IH n.+1) ?subnS ?e //.
    by rewrite mulmxA -trmx_mul -(path_right (d := d) W lt).
  have eN : err W h N = u.
    rewrite /u; apply: (can_inj (mulKmx uS)); rewrite mulKVmx // SE /spread mulmx_suml.
    case: ch => /= h0 hN; rewrite rE -hN (unroll (d := d) W h N.+1) h0 [RHS]addrC addKr.
    by apply: eq_bigr => n _; rewrite -mulmxA -/(M _) -back ?ltn_ord.
  by apply: errors_same => // n ln; rewrite back // eN.
exists hs; split=> [|||h ch].
- by split=> //; apply: same_equilibrium.
- rewrite Fhs /dot /u; congr (_ * _).
  by rewrite mxtrace_mulC -mxtrace_tr trmx_mul trmxK mulmxA.
- by rewrite errs /M path_id trmx1 mul1mx.
split.
- by split; [apply: equilibrium_same | apply: same_equilibrium].
- split=> [st|hhs V V0 VN]; last first.
    have d0 := parabola_deriv (2^-1 * dot r u) (2^-1 * \sum_(n < N.+1) nsq (V n.+1 - W n *m V n)) 0 1.
    rewrite mulr0 !mul0r in d0; apply: sderiv_ext d0; apply: near_all => t _.
    rewrite sq; last by split; rewrite /= (V0, VN) scaler0 addr0 (ch.1, ch.2).
    congr (_ + _); rewrite mulrCA; congr (_ * _); rewrite mulr_sumr; apply: eq_bigr => n _.
    rewrite add0r mul1r -nsqZ; congr nsq; rewrite -(err_same h hhs n (ltn_ord n)) /err /=.
    rewrite mulmxDr -scalemxAr; exact: line_error.
  pose V : activities (deep_linear x ell) := fun n => hs n - h n.
  apply: excess_same => //; set q := \sum_(n < N.+1) _.
  have V0 : V 0%N = 0 by rewrite /V ch.1 subrr.
  have VN : V N.+1 = 0 by rewrite /V hsN ch.2 subrr.
  have d1 : sderiv (fun t => F (fun n => h n + t *: V n)) (2 * 1 * (-1) * (2^-1 * q)).
    have := parabola_deriv (2^-1 * dot r u) (2^-1 * q) 1 (-1).
    apply: sderiv_ext; apply: near_all => t _.
    rewrite sq; last by split; rewrite /= (V0, VN) scaler0 addr0 (ch.1, ch.2).
    congr (_ + _); rewrite mulrCA; congr (_ * _); rewrite /q mulr_sumr; apply: eq_bigr => n _.
    rewrite -nsqZ; congr nsq; rewrite -errs /err /V /= mulmxDr -scalemxAr mulmxBr.
    exact: segment_error.
  have := sderiv_unique d1 (st V V0 VN) => /eqP.
  by rewrite !mulf_eq0 invr_eq0 oppr_eq0 !pnatr_eq0 oner_eq0 /= => /eqP.
- split=> [[_ hmin]|hhs].
    apply: excess_same => //; apply/eqP; rewrite eq_le excess_ge0 andbT.
    by rewrite -(pmulr_rle0 _ i2); have := hmin hs chs; rewrite Fhs (sq h ch) ger_addl.
  split=> // k ck; rewrite (sq k ck) (sq h ch).
  rewrite [X in _ + 2^-1 * X]big1 => [|n _]; last by rewrite err_same // subrr nsq0.
  by rewrite mulr0 addr0 ler_addl mulr_ge0 // ltW.
Qed.
