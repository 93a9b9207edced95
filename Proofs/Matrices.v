(** * Matrices: squared Frobenius norms and the Moore-Penrose inverse

    Everything is over an arbitrary ordered field [R : realFieldType], so that only squared
    norms occur: no square roots, no limits, no axioms. *)

From Proofs Require Import Preamble.

(** The Frobenius inner product [<A, B> = tr (A B^T)] and the squared norm [||A||_F^2]. *)
Definition dot (R : realFieldType) m n (A B : 'M[R]_(m, n)) : R := \tr (A *m B^T).
Definition nsq (R : realFieldType) m n (A : 'M[R]_(m, n)) : R := dot A A.

Section Dot.
Variable R : realFieldType.
Implicit Types m n p : nat.

(* The inner product entry by entry. *)
Lemma dotE m n (A B : 'M[R]_(m, n)) : dot A B = \sum_i \sum_j A i j * B i j.
Proof.
by apply: eq_bigr => i _; rewrite mxE; apply: eq_bigr => j _; rewrite mxE.
Qed.

Lemma dotC m n (A B : 'M[R]_(m, n)) : dot A B = dot B A.
Proof. by rewrite !dotE; apply: eq_bigr => i _; apply: eq_bigr => j _; rewrite mulrC. Qed.

Lemma dotDl m n (A B C : 'M[R]_(m, n)) : dot (A + B) C = dot A C + dot B C.
Proof. by rewrite /dot mulmxDl mxtraceD. Qed.

Lemma dotDr m n (A B C : 'M[R]_(m, n)) : dot C (A + B) = dot C A + dot C B.
Proof. by rewrite dotC dotDl !(dotC C). Qed.

Lemma dotZl m n c (A B : 'M[R]_(m, n)) : dot (c *: A) B = c * dot A B.
Proof. by rewrite /dot -scalemxAl mxtraceZ. Qed.

Lemma dotZr m n c (A B : 'M[R]_(m, n)) : dot A (c *: B) = c * dot A B.
Proof. by rewrite dotC dotZl dotC. Qed.

Lemma dotNl m n (A B : 'M[R]_(m, n)) : dot (- A) B = - dot A B.
Proof. by rewrite -scaleN1r dotZl mulN1r. Qed.

Lemma dotNr m n (A B : 'M[R]_(m, n)) : dot A (- B) = - dot A B.
Proof. by rewrite dotC dotNl dotC. Qed.

Lemma dotBl m n (A B C : 'M[R]_(m, n)) : dot (A - B) C = dot A C - dot B C.
Proof. by rewrite dotDl dotNl. Qed.

Lemma dotBr m n (A B C : 'M[R]_(m, n)) : dot C (A - B) = dot C A - dot C B.
Proof. by rewrite dotDr dotNr. Qed.

Lemma dot0l m n (A : 'M[R]_(m, n)) : dot 0 A = 0.
Proof. by rewrite /dot mul0mx mxtrace0. Qed.

Lemma dot0r m n (A : 'M[R]_(m, n)) : dot A 0 = 0.
Proof. by rewrite dotC dot0l. Qed.

(* Left and right multiplication have the transposes as adjoints. *)
Lemma dot_mull m n p (M : 'M[R]_(m, n)) (A : 'M_(n, p)) B : dot (M *m A) B = dot A (M^T *m B).
Proof. by rewrite /dot -mulmxA mxtrace_mulC trmx_mul trmxK mulmxA. Qed.

Lemma dot_mulr m n p (A : 'M[R]_(m, n)) (M : 'M_(n, p)) B : dot (A *m M) B = dot A (B *m M^T).
Proof. by rewrite /dot trmx_mul trmxK mulmxA. Qed.

Lemma dot_tr m n (A B : 'M[R]_(m, n)) : dot A^T B^T = dot A B.
Proof. by rewrite /dot trmxK mxtrace_mulC -mxtrace_tr trmx_mul trmxK. Qed.

Lemma nsqE m n (A : 'M[R]_(m, n)) : nsq A = \sum_i \sum_j A i j ^+ 2.
Proof. by rewrite /nsq dotE. Qed.

Lemma nsq_ge0 m n (A : 'M[R]_(m, n)) : 0 <= nsq A.
Proof. by rewrite nsqE; apply: sumr_ge0 => i _; apply: sumr_ge0 => j _; rewrite sqr_ge0. Qed.

Lemma nsq_eq0 m n (A : 'M[R]_(m, n)) : (nsq A == 0) = (A == 0).
Proof.
apply/eqP/eqP => [|->]; last by rewrite /nsq dot0l.
rewrite nsqE => /eqP; rewrite psumr_eq0 => [/allP nA|i _]; last first.
  by apply: sumr_ge0 => j _; rewrite sqr_ge0.
apply/matrixP => i j; rewrite mxE.
have := nA i (mem_index_enum _); rewrite psumr_eq0 => [/allP nAi|k _]; last by rewrite sqr_ge0.
by have := nAi j (mem_index_enum _); rewrite /= sqrf_eq0 => /eqP.
Qed.

Lemma nsq0 m n : nsq (0 : 'M[R]_(m, n)) = 0.
Proof. exact: dot0l. Qed.

Lemma nsqD m n (A B : 'M[R]_(m, n)) : nsq (A + B) = nsq A + 2 * dot A B + nsq B.
Proof. by rewrite /nsq dotDl !dotDr (dotC B A); ring. Qed.

Lemma nsqN m n (A : 'M[R]_(m, n)) : nsq (- A) = nsq A.
Proof. by rewrite /nsq dotNl dotNr opprK. Qed.

Lemma nsqB m n (A B : 'M[R]_(m, n)) : nsq (A - B) = nsq A - 2 * dot A B + nsq B.
Proof. by rewrite nsqD nsqN dotNr mulrN. Qed.

Lemma nsq_sym m n (A B : 'M[R]_(m, n)) : nsq (A - B) = nsq (B - A).
Proof. by rewrite -nsqN opprB. Qed.

Lemma nsqZ m n c (A : 'M[R]_(m, n)) : nsq (c *: A) = c ^+ 2 * nsq A.
Proof. by rewrite /nsq dotZl dotZr mulrA. Qed.

Lemma nsq_tr m n (A : 'M[R]_(m, n)) : nsq A^T = nsq A.
Proof. exact: dot_tr. Qed.

(* The triangle inequality as squared norms allow it. *)
Lemma nsqD_le m n (A B : 'M[R]_(m, n)) : nsq (A + B) <= 2 * nsq A + 2 * nsq B.
Proof.
have := nsq_ge0 (A - B); rewrite nsqB nsqD -subr_ge0 => h; rewrite -subr_ge0.
by apply: le_trans h _; rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

(* Cauchy-Schwarz, from [0 <= || <B,B> A - <A,B> B ||^2]. *)
Lemma cauchy m n (A B : 'M[R]_(m, n)) : dot A B ^+ 2 <= nsq A * nsq B.
Proof.
case: (eqVneq B 0) => [->|B0]; first by rewrite dot0r nsq0 expr0n mulr0.
have Bp : 0 < nsq B by rewrite lt_def nsq_ge0 nsq_eq0 B0.
have := nsq_ge0 (nsq B *: A - dot A B *: B).
rewrite nsqB !nsqZ dotZl dotZr.
have -> : nsq B ^+ 2 * nsq A - 2 * (nsq B * (dot A B * dot A B)) + dot A B ^+ 2 * nsq B
  = nsq B * (nsq A * nsq B - dot A B ^+ 2) by ring.
by rewrite pmulr_rge0 // subr_ge0.
Qed.

(* The Frobenius norm is submultiplicative. *)
Lemma nsqM_le m n p (A : 'M[R]_(m, n)) (B : 'M_(n, p)) : nsq (A *m B) <= nsq A * nsq B.
Proof.
rewrite [nsq (A *m B)]nsqE.
have -> : nsq A * nsq B = \sum_i \sum_j nsq (row i A) * nsq (col j B).
  have nA : nsq A = \sum_i nsq (row i A).
    rewrite nsqE; apply: eq_bigr => i _; rewrite nsqE big_ord_recl big_ord0 addr0.
    by apply: eq_bigr => j _; rewrite mxE.
  have nB : nsq B = \sum_j nsq (col j B).
    rewrite nsqE exchange_big; apply: eq_bigr => j _; rewrite nsqE.
    by apply: eq_bigr => i _; rewrite big_ord_recl big_ord0 addr0 mxE.
  by rewrite nA nB mulr_suml; apply: eq_bigr => i _; rewrite mulr_sumr.
apply: ler_sum => i _; apply: ler_sum => j _.
have -> : (A *m B) i j = dot (row i A) (col j B)^T.
  rewrite mxE dotE big_ord_recl big_ord0 addr0.
  by apply: eq_bigr => k _; rewrite !mxE.
by rewrite -(nsq_tr (col j B)) cauchy.
Qed.

(* [conform_mx] is the identity or constant. *)
Lemma conform_le m m' n (A C : 'M[R]_(m, n)) :
  nsq (conform_mx (0 : 'M[R]_(m', n)) A - conform_mx 0 C) <= nsq (A - C).
Proof.
case: (eqVneq m m') => [e|ne]; first by case: m' / e; rewrite !conform_mx_id.
by rewrite !nonconform_mx ?ne // subrr nsq0 nsq_ge0.
Qed.

Lemma conform_nsq_le m m' n (A : 'M[R]_(m, n)) : nsq (conform_mx (0 : 'M[R]_(m', n)) A) <= nsq A.
Proof.
case: (eqVneq m m') => [e|ne]; first by case: m' / e; rewrite conform_mx_id.
by rewrite nonconform_mx ?ne // nsq0 nsq_ge0.
Qed.

End Dot.

(** ** Gram matrices and the Moore-Penrose inverse *)

Section Pinv.
Variable R : realFieldType.
Implicit Types m n : nat.

(* A matrix with independent rows has a nonsingular Gram matrix of its rows. *)
Lemma gram_rows_unit m n (A : 'M[R]_(m, n)) : row_free A -> A *m A^T \in unitmx.
Proof.
move=> fA; rewrite -row_free_unit; apply/inj_row_free => v v0.
apply: (row_free_inj fA); rewrite mul0mx; apply/eqP.
by rewrite -nsq_eq0 /nsq /dot trmx_mul -mulmxA (mulmxA A) (mulmxA v) v0 mul0mx mxtrace0.
Qed.

(* Full column rank makes [A^T A] nonsingular, and conversely. *)
Lemma gram_unit m n (A : 'M[R]_(m, n)) : (A^T *m A \in unitmx) = row_free A^T.
Proof.
apply/idP/idP => [uK|/gram_rows_unit]; last by rewrite trmxK.
apply/inj_row_free => v v0.
by rewrite -(mulmxK uK v) mulmxA v0 !mul0mx.
Qed.

(** [pinv A] is [A^+]: with the full-rank factorization [A = C Q],
    [A^+ = Q^T (Q Q^T)^-1 (C^T C)^-1 C^T]. *)
Definition pinv m n (A : 'M[R]_(m, n)) : 'M[R]_(n, m) :=
  (row_base A)^T *m invmx (row_base A *m (row_base A)^T)
  *m (invmx ((col_base A)^T *m col_base A) *m (col_base A)^T).

Let rowU m n (A : 'M[R]_(m, n)) : row_base A *m (row_base A)^T \in unitmx.
Proof. exact/gram_rows_unit/row_base_free. Qed.

Let colU m n (A : 'M[R]_(m, n)) : (col_base A)^T *m col_base A \in unitmx.
Proof.
by rewrite gram_unit /row_free mxrank_tr; have := col_base_full A; rewrite /row_full.
Qed.

Let tr_invl m n (C : 'M[R]_(m, n)) : (invmx (C^T *m C))^T = invmx (C^T *m C).
Proof. by rewrite trmx_inv trmx_mul trmxK. Qed.

Let tr_invr m n (Q : 'M[R]_(m, n)) : (invmx (Q *m Q^T))^T = invmx (Q *m Q^T).
Proof. by rewrite trmx_inv trmx_mul trmxK. Qed.

Let sym_l m n (C : 'M[R]_(m, n)) :
  (C *m (invmx (C^T *m C) *m C^T))^T = C *m (invmx (C^T *m C) *m C^T).
Proof. by rewrite !trmx_mul trmxK tr_invl mulmxA. Qed.

Let sym_r m n (Q : 'M[R]_(m, n)) :
  (Q^T *m invmx (Q *m Q^T) *m Q)^T = Q^T *m invmx (Q *m Q^T) *m Q.
Proof. by rewrite !trmx_mul trmxK tr_invr mulmxA. Qed.

(* The two projections, for any full-rank factorization [C Q]. *)
Let proj_left m r n p (C : 'M[R]_(m, r)) (Q : 'M_(r, n)) (X : 'M_(r, p)) : Q *m Q^T \in unitmx ->
  C *m Q *m (Q^T *m invmx (Q *m Q^T) *m X) = C *m X.
Proof. by move=> u; rewrite -!mulmxA (mulmxA Q) (mulmxA (Q *m _)) mulmxV ?mul1mx. Qed.

Let proj_right m r n p (C : 'M[R]_(m, r)) (Q : 'M_(r, n)) (X : 'M_(p, r)) : C^T *m C \in unitmx ->
  X *m (invmx (C^T *m C) *m C^T) *m (C *m Q) = X *m Q.
Proof. by move=> u; rewrite -!mulmxA (mulmxA C^T) (mulmxA (invmx _)) mulVmx ?mul1mx. Qed.

Let pinv_left m n (A : 'M[R]_(m, n)) :
  A *m pinv A = col_base A *m (invmx ((col_base A)^T *m col_base A) *m (col_base A)^T).
Proof. by rewrite -(proj_left _ _ (rowU A)) mulmx_base. Qed.

Let pinv_right m n (A : 'M[R]_(m, n)) :
  pinv A *m A = (row_base A)^T *m invmx (row_base A *m (row_base A)^T) *m row_base A.
Proof. by rewrite -(proj_right _ _ (colU A)) mulmx_base. Qed.

(* The four equations of Penrose. *)
Lemma pinvK m n (A : 'M[R]_(m, n)) : A *m pinv A *m A = A.
Proof. by have := proj_right (row_base A) (col_base A) (colU A); rewrite mulmx_base -pinv_left. Qed.

Lemma pinvKr m n (A : 'M[R]_(m, n)) : pinv A *m A *m pinv A = pinv A.
Proof. by rewrite pinv_right /pinv (proj_left (_ *m _) _ (rowU A)). Qed.

Lemma pinv_syml m n (A : 'M[R]_(m, n)) : (A *m pinv A)^T = A *m pinv A.
Proof. by rewrite pinv_left sym_l. Qed.

Lemma pinv_symr m n (A : 'M[R]_(m, n)) : (pinv A *m A)^T = pinv A *m A.
Proof. by rewrite pinv_right sym_r. Qed.

(* They determine the inverse, so [pinv] is the Moore-Penrose inverse. *)
Lemma pinv_unique m n (A : 'M[R]_(m, n)) (X Y : 'M_(n, m)) :
  A *m X *m A = A -> X *m A *m X = X -> (A *m X)^T = A *m X -> (X *m A)^T = X *m A ->
  A *m Y *m A = A -> Y *m A *m Y = Y -> (A *m Y)^T = A *m Y -> (Y *m A)^T = Y *m A ->
  X = Y.
Proof.
move=> x1 x2 x3 x4 y1 y2 y3 y4.
have e1 : A *m X = A *m Y.
  rewrite -{1}y1 -mulmxA -y3 -x3 -trmx_mul; congr (_^T).
  by rewrite mulmxA x1.
have e2 : X *m A = Y *m A.
  rewrite -{1}y1 -mulmxA mulmxA -y4 -x4 -trmx_mul; congr (_^T).
  by rewrite -mulmxA (mulmxA A) x1.
by rewrite -x2 -mulmxA e1 mulmxA e2.
Qed.

(* With independent columns, [A^+ = (A^T A)^-1 A^T]. *)
Lemma pinv_full m n (A : 'M[R]_(m, n)) : A^T *m A \in unitmx ->
  pinv A = invmx (A^T *m A) *m A^T.
Proof.
move=> uK.
have i1 : invmx (A^T *m A) *m A^T *m A = 1%:M by rewrite -mulmxA mulVmx.
apply: (pinv_unique (pinvK A) (pinvKr A) (pinv_syml A) (pinv_symr A)).
- by rewrite -mulmxA i1 mulmx1.
- by rewrite i1 mul1mx.
- exact: sym_l.
- by rewrite i1 trmx1.
Qed.

(* The inverse of a Gram matrix is the Gram matrix of the inverse: [K^+ = A^+ (A^+)^T]. *)
Lemma pinv_gram m n (A : 'M[R]_(m, n)) : pinv (A^T *m A) = pinv A *m (pinv A)^T.
Proof.
have hA : (pinv A)^T *m A^T = A *m pinv A by rewrite -trmx_mul pinv_syml.
have hB : A^T *m (pinv A)^T = pinv A *m A by rewrite -trmx_mul pinv_symr.
have hAA : A^T *m (A *m pinv A) = A^T by rewrite -pinv_syml -trmx_mul pinvK.
have hl : A^T *m A *m (pinv A *m (pinv A)^T) = pinv A *m A.
  by rewrite -mulmxA (mulmxA A) mulmxA hAA hB.
have hr : pinv A *m (pinv A)^T *m (A^T *m A) = pinv A *m A.
  by rewrite -mulmxA (mulmxA (pinv A)^T) hA pinvK.
apply: (pinv_unique (pinvK _) (pinvKr _) (pinv_syml _) (pinv_symr _)).
- by rewrite hl -hB -mulmxA (mulmxA (pinv A)^T) hA mulmxA hAA.
- by rewrite hr mulmxA pinvKr.
- by rewrite hl pinv_symr.
- by rewrite hr pinv_symr.
Qed.

(* A single column: [a^+ = a^T / ||a||^2], which is zero for [a = 0] since [0^-1 = 0]. *)
Lemma gram_col m (a : 'cV[R]_m) : a^T *m a = (nsq a)%:M.
Proof. by rewrite [LHS]mx11_scalar -trace_mx11 /nsq /dot mxtrace_mulC. Qed.

Lemma pinv_col m (a : 'cV[R]_m) : pinv a = (nsq a)^-1 *: a^T.
Proof.
case: (eqVneq a 0) => [->|a0].
  by rewrite trmx0 scaler0 -[pinv 0]pinvKr mulmx0 mul0mx.
have s0 : nsq a != 0 by rewrite nsq_eq0.
have u : a^T *m a \in unitmx by rewrite gram_col unitmxE det_scalar1 unitfE.
by rewrite pinv_full // gram_col invmx_scalar mul_scalar_mx.
Qed.

(* Pythagoras for the least-norm solution: every [D] with [D F = E] is [E F^+] plus an
   orthogonal part.  This one identity carries T1, T2 and T3. *)
Lemma min_norm m k n (D : 'M[R]_(m, k)) (F : 'M_(k, n)) (E : 'M_(m, n)) : D *m F = E ->
  nsq D = nsq (E *m pinv F) + nsq (D - E *m pinv F).
Proof.
move=> <-; rewrite -(mulmxA D); set P := F *m pinv F.
have PP : P *m P^T = P by rewrite pinv_syml /P mulmxA pinvK.
have o : dot (D *m P) (D - D *m P) = 0.
  have Ps : P^T = P by apply: pinv_syml.
  by rewrite dot_mulr Ps mulmxBl -(mulmxA D) -{3}Ps PP subrr dot0r.
have -> : nsq D = nsq (D *m P + (D - D *m P)) by rewrite addrC subrK.
by rewrite [LHS]nsqD o mulr0 addr0.
Qed.

(* [E F^+] solves [D F = E] as soon as anything does. *)
Lemma min_norm_solves m k n (D : 'M[R]_(m, k)) (F : 'M_(k, n)) (E : 'M_(m, n)) : D *m F = E ->
  E *m pinv F *m F = E.
Proof. by move=> <-; rewrite -(mulmxA D) -(mulmxA D) pinvK. Qed.

(* With independent columns it always does. *)
Lemma pinv_full_solves m k n (F : 'M[R]_(k, n)) (E : 'M_(m, n)) : F^T *m F \in unitmx ->
  E *m pinv F *m F = E.
Proof. by move=> u; rewrite pinv_full // -!mulmxA mulVmx ?mulmx1. Qed.

Lemma nsq_pinv_full m k n (F : 'M[R]_(k, n)) (E : 'M_(m, n)) : F^T *m F \in unitmx ->
  nsq (E *m pinv F) = \tr (E *m invmx (F^T *m F) *m E^T).
Proof.
move=> u; rewrite /nsq /dot pinv_full // !trmx_mul trmxK trmx_inv trmx_mul trmxK.
by rewrite !mulmxA -(mulmxA (E *m _) F^T) mulmxKV.
Qed.

Lemma nsq_pinv_col m k (f : 'cV[R]_k) (e : 'cV_m) :
  nsq (e *m pinv f) = nsq e / nsq f.
Proof.
rewrite pinv_col -scalemxAr nsqZ.
have -> : nsq (e *m f^T) = nsq e * nsq f.
  by rewrite {1}/nsq dot_mull mulmxA gram_col mul_scalar_mx dotZr /nsq (dot_tr f f) mulrC.
case: (eqVneq (nsq f) 0) => [->|f0]; first by rewrite invr0 !mulr0.
by field.
Qed.

End Pinv.
