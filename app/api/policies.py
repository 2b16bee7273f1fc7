"""Who may call what? The table of policies: one row an operation. A route without a row fails at start-up.

A policy names the roles that may call an operation; which rows they then see is decided in the store, by their scope.
"""

from app.store.scope import Role

PUBLIC = frozenset({Role.ANONYMOUS, Role.PATIENT, Role.CLINICIAN, Role.CLINIC_ADMIN})
PATIENT = frozenset({Role.PATIENT})
CLINICIAN = frozenset({Role.CLINICIAN})
CLINIC_STAFF = frozenset({Role.CLINICIAN, Role.CLINIC_ADMIN})
CLINIC_ADMIN = frozenset({Role.CLINIC_ADMIN})
SIGNED_IN = frozenset({Role.PATIENT, Role.CLINICIAN, Role.CLINIC_ADMIN})

POLICIES: dict[str, frozenset[Role]] = {
    "get_my_routine": PATIENT,
    "put_my_session": PATIENT,
    "get_my_session": PATIENT,
    "list_my_sessions": PATIENT,
    "withdraw_my_session": PATIENT,
    "put_my_check_in": PATIENT,
    "get_my_check_in": PATIENT,
    "list_my_check_ins": PATIENT,
    "withdraw_my_check_in": PATIENT,
    "post_my_reports": PATIENT,
    "put_my_request": PATIENT,
    "list_my_requests": PATIENT,
    "get_me": PATIENT,
    "update_me": PATIENT,
    "get_my_progress": PATIENT,
    "list_my_decisions": PATIENT,
    "answer_my_decision": PATIENT,
    "sign_in": PUBLIC,
    "change_password": PUBLIC,
    "redeem_invitation": PUBLIC,
    "refresh_tokens": PUBLIC,
    "revoke_tokens": PUBLIC,
    "list_auth_methods": PUBLIC,
    "list_devices": SIGNED_IN,
    "search_exercises": PUBLIC,
    "get_exercise": PUBLIC,
    "list_ladders": PUBLIC,
    "get_ladder": PUBLIC,
    "list_symptoms": PUBLIC,
    "list_conditions": PUBLIC,
    "get_clinic": CLINIC_STAFF,
    "replace_clinic": CLINIC_ADMIN,
    "list_clinicians": CLINIC_STAFF,
    "create_clinician": CLINIC_ADMIN,
    "get_clinician": CLINIC_STAFF,
    "update_clinician": CLINIC_ADMIN,
    "list_patients": CLINICIAN,
    "create_patient": CLINICIAN,
    "get_patient": CLINICIAN,
    "update_patient": CLINICIAN,
    "list_patient_devices": CLINICIAN,
    "revoke_patient_device": CLINICIAN,
    "discharge_patient": CLINICIAN,
    "list_absences": CLINICIAN,
    "create_absence": CLINICIAN,
    "end_absence": CLINICIAN,
    "invite_patient": CLINICIAN,
    "list_prescriptions": CLINICIAN,
    "create_prescription": CLINICIAN,
    "get_prescription": CLINICIAN,
    "update_prescription": CLINICIAN,
    "order_decision": CLINICIAN,
    "get_patient_routine": CLINICIAN,
    "list_patient_sessions": CLINICIAN,
    "put_patient_session": CLINICIAN,
    "list_patient_check_ins": CLINICIAN,
    "list_patient_requests": CLINICIAN,
    "answer_patient_request": CLINICIAN,
    "get_patient_progress": CLINICIAN,
    "list_patient_decisions": CLINICIAN,
    "get_patient_adherence": CLINICIAN,
    "list_clinic_adherence": CLINICIAN,
    "export_clinic_adherence": CLINICIAN,
    "list_worklist": CLINICIAN,
    "acknowledge_item": CLINICIAN,
    "get_server": PUBLIC,
}
